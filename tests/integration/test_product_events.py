"""Of a product that changed the world hears: late perhaps, twice perhaps, in order."""

from datetime import UTC, datetime

import pytest

from common.ids import new_id
from common.outbox import Busy
from product_service.domain.categories import Category
from product_service.domain.product import Status
from product_service.storage.outbox import ProductRelay
from product_service.storage.products import ProductRepository
from tests.builders import SELLER, a_product, pounds
from tests.catalogues import a_catalogue

PATH = [Category("kitchen", "Kitchen")]


class Crash(BaseException):
    """The process ends here; nothing after it is run."""


@pytest.fixture
def database(stack):
    with a_catalogue(stack) as database:
        yield database


@pytest.fixture
def products(database):
    return ProductRepository(database).working_for("request-1")


@pytest.fixture
def told():
    return []


@pytest.fixture
def relay(database, told):
    return ProductRelay(database, lambda kind, event: told.append(event))


def offered(products, **changes):
    product = a_product(sku=new_id(), **changes)
    product.offer(PATH)
    products.add(product)
    return products.own(product.id, SELLER)


def changed(products, product_id, **fields):
    product = products.own(product_id, SELLER)
    seen = product.version
    product.become(fields, PATH, datetime.now(UTC))
    products.save(product, seen)


def drained(relay):
    while relay.publish_batch():
        pass


def test_a_life_is_told_in_its_order(products, relay, told):
    product = offered(products, status=Status.DRAFT)
    changed(products, product.id, price=pounds(500), title="Green tea")
    changed(products, product.id, status=Status.ACTIVE)
    products.archive(product.id, SELLER, datetime.now(UTC))

    drained(relay)

    assert [event["type"] for event in told] == [
        "product.created",
        "product.changed",
        "product.changed",
        "product.archived",
    ]
    assert [event["data"]["version"] for event in told] == [1, 2, 3, 4]
    assert told[1]["data"] == {
        "product_id": product.id,
        "seller_id": SELLER,
        "version": 2,
        "status": "draft",
        "price": {"amount": 500, "currency": "GBP"},
        "changed": ["price", "title"],
    }
    assert {event["correlation_id"] for event in told} == {"request-1"}


def test_what_was_told_is_not_told_again(products, relay, told, database):
    product = offered(products)
    drained(relay)
    drained(relay)

    assert len(told) == 1
    assert "events" not in database.products.find_one(product.id)


def test_a_kill_between_change_and_telling_loses_nothing(products, database, told):
    product = offered(products)
    changed(products, product.id, title="Green tea")

    def die(kind, event):
        raise Crash

    dying = ProductRelay(database, die)
    with pytest.raises(Crash):
        dying.publish_batch()

    drained(ProductRelay(database, lambda kind, event: told.append(event)))
    assert [event["data"]["version"] for event in told] == [1, 2]


def test_a_kill_with_the_lease_holds_others_up_for_its_life(products, database, told):
    offered(products)
    dead = ProductRelay(database, lambda kind, event: None, lease_seconds=0.5)
    dead.lease.take()
    relay = ProductRelay(database, lambda kind, event: told.append(event))

    with pytest.raises(Busy):
        relay.publish_batch()

    while not told:
        try:
            relay.publish_batch()
        except Busy:
            continue
    assert len(told) == 1


def test_one_relay_at_a_time_is_at_work(products, database):
    offered(products)
    other = ProductRelay(database, lambda kind, event: pytest.fail("overtaken"))

    def meanwhile(kind, event):
        with pytest.raises(Busy):
            other.publish_batch()

    assert ProductRelay(database, meanwhile).publish_batch() == 1


def test_what_comes_while_it_is_told_is_told_next(products, database, told):
    product = offered(products)

    def meanwhile(kind, event):
        told.append(event)
        if len(told) == 1:
            changed(products, product.id, title="Green tea")

    drained(ProductRelay(database, meanwhile))

    assert [event["data"]["version"] for event in told] == [1, 2]


def test_a_change_that_is_not_saved_is_not_told(products, relay, told):
    product = offered(products)
    changed(products, product.id, title="Green tea")
    late = products.own(product.id, SELLER)
    late.become({"title": "Black tea"}, PATH, datetime.now(UTC))

    with pytest.raises(Exception, match="Somebody changed this"):
        products.save(late, 1)

    drained(relay)
    assert [event["data"]["version"] for event in told] == [1, 2]


def test_a_closing_shop_is_no_news_of_each_product(products, relay, told):
    offered(products)
    drained(relay)

    products.follow_seller(SELLER, False)

    drained(relay)
    assert len(told) == 1
