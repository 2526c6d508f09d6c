"""Of a person who is gone, the catalogue keeps no shop and no word."""

from datetime import UTC, datetime
from unittest.mock import create_autospec

import pytest
from nameko.testing.services import worker_factory

from common.errors import Conflict, Forbidden, NotFound
from common.ids import new_id
from product_service.service import ProductService
from product_service.storage.provider import ProductDoor, connect
from tests.builders import a_product_draft
from tests.fakes import FakeClock, FakePerson
from user_service.auth import AuthService


@pytest.fixture(scope="module")
def client(stack):
    client = connect(stack.operator["PRODUCT_MONGO_URI"])
    yield client
    client.close()


@pytest.fixture
def service(client):
    clock = FakeClock()
    clock.moment = datetime.now(UTC)
    return worker_factory(
        ProductService,
        store=ProductDoor(client),
        auth=create_autospec(AuthService, instance=True),
        clock=clock,
    )


@pytest.fixture
def name():
    return f"Pots of {new_id()}"


@pytest.fixture
def shop(service, name):
    """An active shop, and its user."""
    user_id = new_id()
    service.identity = FakePerson("admin", "customer", id=user_id)
    draft = {"name": name, "description": f"I am {name}"}
    opened = service.register_seller(draft, "k1", "f1")["seller"]
    seller = service.change_seller_status(opened["id"], {"status": "active"})
    service.identity = FakePerson("admin", "seller", seller_id=seller["id"], id=user_id)
    return seller | {"user_id": user_id}


def erase(service, user_id):
    service.on_user_erased({"data": {"user_id": user_id}})


def a_product(service):
    category = service.list_categories()["items"][0]["slug"]
    draft = a_product_draft(sku=new_id(), category=category)
    return service.create_product(draft)["product"]


def held(client):
    database = client.get_default_database()
    return str([list(database[c].find()) for c in database.list_collection_names()])


def test_nothing_of_a_shop_is_left_but_that_it_was(service, client, shop, name):
    assert name in held(client)

    for _ in range(2):
        erase(service, shop["user_id"])

    assert name not in held(client)
    left = service.get_seller(shop["id"])
    assert (left["status"], left["name"], left["description"]) == ("closed", "", "")


def test_its_products_are_off_sale_and_no_others_come(service, shop):
    product_id = a_product(service)["id"]

    erase(service, shop["user_id"])

    assert service.quote_products([product_id]) == []
    service.changes.announce.assert_called_with([product_id])
    with pytest.raises(Forbidden):
        a_product(service)
    service.identity = FakePerson("customer")
    with pytest.raises(NotFound):
        service.get_product(product_id)


@pytest.mark.parametrize("status", ["active", "suspended"])
def test_it_stays_closed(service, shop, status):
    erase(service, shop["user_id"])

    with pytest.raises(Conflict) as refusal:
        service.change_seller_status(shop["id"], {"status": status})

    assert refusal.value.code == "seller_closed"


def test_a_request_that_was_under_way_opens_no_shop(service, name):
    user_id = new_id()
    erase(service, user_id)
    service.identity = FakePerson("customer", id=user_id)

    with pytest.raises(Conflict) as refusal:
        service.register_seller({"name": name})

    assert refusal.value.code == "already_a_seller"


def test_who_has_a_shop_finds_it_and_nobody_else_does(service, shop):
    assert service.get_own_seller()["id"] == shop["id"]

    service.identity = FakePerson("customer", id=new_id())
    with pytest.raises(NotFound):
        service.get_own_seller()


def test_other_shops_and_their_answers_stay(service, shop, name):
    erase(service, new_id())

    assert service.get_seller(shop["id"])["name"] == name
    again = service.register_seller(
        {"name": name, "description": f"I am {name}"}, "k1", "f1"
    )
    assert again["replayed"] is True
