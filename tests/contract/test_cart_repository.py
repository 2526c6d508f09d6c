"""One suite, every door: what holds for the fake holds for Redis."""

import pytest
from redis import StrictRedis

from common.ids import new_id
from order_service.domain.cart import Wish
from order_service.storage.carts import LIFE_SECONDS, CartRepository
from tests.builders import pounds
from tests.fakes import FakeCarts


@pytest.fixture(params=["memory", "redis"])
def carts(request):
    if request.param == "memory":
        yield FakeCarts()
        return
    stack = request.getfixturevalue("stack")
    uri = stack.environment("order_service")["REDIS_URI"]
    client = StrictRedis.from_url(uri, decode_responses=True)
    yield CartRepository(client)
    client.close()


def a_wish(quantity=1):
    return Wish(new_id(), "Tea", quantity, pounds(450))


def test_nobodys_cart_is_empty(carts):
    assert carts.find(new_id()) == ([], 0)


def test_what_is_put_in_comes_out(carts):
    customer, wishes = new_id(), [a_wish(), a_wish(3)]

    for wish in wishes:
        carts.put(customer, wish)

    assert carts.find(customer) == (sorted(wishes, key=lambda w: w.product_id), 2)


def test_putting_again_replaces(carts):
    customer, wish = new_id(), a_wish()
    more = Wish(wish.product_id, "Tea", 5, pounds(500))

    carts.put(customer, wish)
    carts.put(customer, more)

    assert carts.find(customer) == ([more], 2)


def test_taking_out_what_is_not_there_is_silent(carts):
    customer = new_id()

    carts.remove(customer, new_id())

    assert carts.find(customer)[0] == []


def test_an_order_of_a_cart_that_is_gone_leaves_nothing_for_good(stack):
    uri, customer = stack.environment("order_service")["REDIS_URI"], new_id()
    with StrictRedis.from_url(uri, decode_responses=True) as client:
        CartRepository(client).take_out(customer, [])

        assert 0 < client.ttl(f"cart:{customer}:version") <= LIFE_SECONDS


def test_a_cleared_cart_is_empty_and_its_version_goes_on(carts):
    customer = new_id()
    carts.put(customer, a_wish())

    carts.clear(customer)

    assert carts.find(customer) == ([], 2)


def test_carts_are_apart(carts):
    mine, theirs = new_id(), new_id()

    carts.put(mine, a_wish())

    assert carts.find(theirs)[0] == []


def test_what_was_bought_is_taken_out_and_what_was_changed_stays(carts):
    customer, bought, changed, other = new_id(), a_wish(2), a_wish(2), a_wish()
    for wish in (bought, changed, other):
        carts.put(customer, wish)
    more = Wish(changed.product_id, "Tea", 3, pounds(450))
    carts.put(customer, more)

    carts.take_out(
        customer,
        [{"product_id": one.product_id, "quantity": 2} for one in (bought, changed)],
    )

    left, version = carts.find(customer)
    assert {wish.product_id for wish in left} == {more.product_id, other.product_id}
    assert version == 5
