"""A refusal arrives as it left."""

import pytest
from nameko.exceptions import deserialize, serialize

import common.wire  # noqa: F401 - registers the kinds
from common import json
from common.errors import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_arrives_as_it_left(kind):
    sent = kind("some_code", "In words", {"sku": "tea"})

    received = deserialize(json.loads(json.dumps(serialize(sent))))

    assert type(received) is kind
    assert (received.code, received.message, received.details) == sent.args
