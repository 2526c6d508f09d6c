"""A cart is priced live and tells what changed."""

from order_service.domain.cart import Wish, price_cart
from tests.builders import TEA, pounds

WISH = Wish(TEA, "Tea", 2, pounds(450))


def quote(price=450, available=10):
    return {TEA: {"title": "Tea", "price": pounds(price), "available": available}}


def test_an_unchanged_wish_says_nothing():
    cart = price_cart([WISH], quote(), version=3)

    assert cart.items[0].changed is None
    assert (cart.total, cart.version) == (pounds(900), 3)


def test_a_new_price_is_paid_and_pointed_out():
    cart = price_cart([WISH], quote(price=500), version=1)

    assert (cart.items[0].changed, cart.total) == ("price", pounds(1000))


def test_too_few_pieces_are_pointed_out_first():
    cart = price_cart([WISH], quote(price=500, available=1), version=1)

    assert cart.items[0].changed == "availability"


def test_what_is_no_longer_for_sale_stays_in_sight_at_its_last_price():
    cart = price_cart([WISH], {}, version=1)

    line = cart.items[0]
    assert (line.changed, line.available, line.unit_price) == (
        "availability",
        0,
        pounds(450),
    )


def test_an_empty_cart_costs_nothing():
    assert price_cart([], {}, version=0).total == pounds(0)
