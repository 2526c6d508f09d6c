"""The lists of stock and reviews are walked along an index, in its order."""

import pytest

from common.ids import new_id
from product_service.storage.provider import connect
from tests.builders import NOON


@pytest.fixture(scope="module")
def database(stack):
    client = connect(stack.operator["PRODUCT_MONGO_URI"])
    yield client.get_default_database()
    client.close()


def stages(plan):
    found = [plan["stage"]]
    return found + (stages(plan["inputStage"]) if "inputStage" in plan else [])


LISTS = {
    "what has expired": (
        "stock_reservations",
        {"state": "held", "expires_at": {"$lte": NOON}},
        [("expires_at", 1)],
    ),
    "reviews": ("reviews", {"product_id": new_id()}, [("_id", -1)]),
    "further reviews": (
        "reviews",
        {"product_id": new_id(), "_id": {"$lt": new_id()}},
        [("_id", -1)],
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_read_that_is_not_asked_for(database, name):
    collection, wanted, order = LISTS[name]

    asked = database[collection].find(wanted).sort(order).limit(21)
    found = stages(asked.explain()["queryPlanner"]["winningPlan"])

    assert "IXSCAN" in found
    assert not {"COLLSCAN", "SORT"} & set(found)
