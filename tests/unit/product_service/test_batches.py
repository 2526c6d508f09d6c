"""Whatever a row says, what is said of it can be told and kept."""

import bson

from common.errors import Invalid
from product_service.batches import Batch
from tests.builders import NOON, SELLER

ODD = "a\0\ud800"


def test_what_is_said_of_an_odd_row_can_be_kept():
    batch = Batch(None, SELLER, NOON)

    batch.refuse(0, {"sku": ODD}, Invalid("invalid", "No", {ODD: "Unknown field."}))

    told = batch.results[0]
    assert (told["sku"], told["errors"]) == ("a??", {"a??": "Unknown field."})
    assert bson.decode(bson.encode(told)) == told
