"""Stock of before has what all stock has, once it is migrated."""

import pytest

from common.ids import new_id
from product_service.storage.inbox import Heard
from product_service.storage.products import to_document
from product_service.storage.provider import ProductDoor, connect
from product_service.storage.schema import migrate
from tests.builders import CUSTOMER, NOON, a_product


@pytest.fixture
def client(stack):
    client = connect(stack.operator["PRODUCT_MONGO_URI"])
    yield client
    client.close()


def older(database, state, product_id, quantity):
    order_id = new_id()
    items = [{"product_id": product_id, "quantity": quantity}]
    document = {"_id": order_id, "state": state, "items": items}
    database.stock_reservations.insert_one(document, bypass_document_validation=True)
    return order_id


def older_movement(database, product_id, kind, delta):
    database.stock_movements.insert_one(
        {
            "_id": new_id(),
            "product_id": product_id,
            "kind": kind,
            "delta": delta,
            "cause": "before",
            "at": NOON,
        },
        bypass_document_validation=True,
    )


def test_the_ledger_of_before_adds_up_and_goes_on(client):
    database = client.get_default_database()
    product = a_product(available=5, reserved=2)
    database.products.insert_one(to_document(product))
    older_movement(database, product.id, "adjustment", 10)
    older_movement(database, product.id, "sale", -3)
    older(database, "sold", product.id, 3)
    order_id = older(database, "held", product.id, 2)

    for _ in range(2):
        migrate(database)

    def sums():
        moved = list(database.stock_movements.find({"product_id": product.id}))
        return sum(m["delta"] for m in moved), sum(m["reserved_delta"] for m in moved)

    assert sums() == (7, 2)
    door = ProductDoor(client)
    door.reservations.expire(NOON.replace(year=2040))
    heard = Heard("a handler", new_id())
    door.reservations.sell(order_id, CUSTOMER, heard, NOON)
    shelf = database.products.find_one(product.id)
    assert (shelf["available"], shelf["reserved"]) == (5, 0)
    assert sums() == (5, 0)
