"""One suite, every door: what holds for the fake holds for Redis."""

from dataclasses import replace

import pytest
from redis import StrictRedis

from common.ids import new_id
from order_service.domain.cart import MOST_PIECES, Wish
from order_service.storage.carts import LIFE_SECONDS, MOST_PRODUCTS, CartRepository
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


def test_a_guests_cart_goes_into_the_customers_and_is_gone(carts):
    guest, customer = f"guest:{new_id()}", new_id()
    own, both, brought = a_wish(), a_wish(2), a_wish(4)
    newer = Wish(both.product_id, 'Tea "of" é/ö', 3, pounds(10**9 + 1))
    for wish in (own, both):
        carts.put(customer, wish)
    for wish in (newer, brought):
        carts.put(guest, wish)

    for _ in range(2):
        carts.merge(guest, customer)

    merged = [own, replace(newer, quantity=5), brought]
    assert carts.find(customer) == (sorted(merged, key=lambda w: w.product_id), 3)
    assert carts.find(guest) == ([], 0)


def test_no_cart_holds_more_of_a_product_than_can_be_ordered(carts):
    guest, customer, wish = f"guest:{new_id()}", new_id(), a_wish(MOST_PIECES - 1)
    carts.put(guest, wish)
    carts.put(customer, wish)

    carts.merge(guest, customer)

    assert [wish.quantity for wish in carts.find(customer)[0]] == [MOST_PIECES]


def test_a_full_cart_takes_no_more_products(carts):
    guest, customer = f"guest:{new_id()}", new_id()
    for _ in range(MOST_PRODUCTS - 1):
        carts.put(customer, a_wish())
    for _ in range(3):
        carts.put(guest, a_wish())

    carts.merge(guest, customer)

    assert len(carts.find(customer)[0]) == MOST_PRODUCTS


def test_a_cart_that_took_another_over_is_kept_as_long_as_any(stack):
    uri = stack.environment("order_service")["REDIS_URI"]
    guest, customer = f"guest:{new_id()}", new_id()
    with StrictRedis.from_url(uri, decode_responses=True) as client:
        CartRepository(client).put(guest, a_wish())
        CartRepository(client).merge(guest, customer)

        for key in (f"cart:{customer}", f"cart:{customer}:version"):
            assert 0 < client.ttl(key) <= LIFE_SECONDS
        assert not client.exists(f"cart:{guest}", f"cart:{guest}:version")
