"""A cart: what a customer means to buy, priced live."""

from collections.abc import Mapping
from dataclasses import dataclass

from common.money import Money

CURRENCY = "GBP"
# Of one product; as many as one can order.
MOST_PIECES = 10_000


@dataclass(frozen=True)
class Wish:
    """One product in a cart, and what it cost when it was put there."""

    product_id: str
    title: str
    quantity: int
    seen_price: Money


@dataclass(frozen=True)
class CartLine:
    product_id: str
    title: str
    quantity: int
    unit_price: Money
    available: int
    changed: str | None

    @property
    def line_total(self) -> Money:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class Cart:
    items: tuple[CartLine, ...]
    version: int

    @property
    def total(self) -> Money:
        return sum((line.line_total for line in self.items), Money(0, CURRENCY))


def price_cart(wishes: list[Wish], quotes: Mapping[str, Mapping], version: int) -> Cart:
    return Cart(
        tuple(price_wish(wish, quotes.get(wish.product_id)) for wish in wishes), version
    )


def price_wish(wish: Wish, quote: Mapping | None) -> CartLine:
    """What a wish costs now; one no longer for sale keeps its last price."""
    price = quote["price"] if quote else wish.seen_price
    available = quote["available"] if quote else 0
    return CartLine(
        product_id=wish.product_id,
        title=quote["title"] if quote else wish.title,
        quantity=wish.quantity,
        unit_price=price,
        available=available,
        changed=what_changed(wish, price, available),
    )


def what_changed(wish: Wish, price: Money, available: int) -> str | None:
    if available < wish.quantity:
        return "availability"
    return "price" if price != wish.seen_price else None
