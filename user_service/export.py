"""What other services keep of a person, asked for in the person's own name."""

from typing import Any

from common.errors import NotFound
from common.tokens import Caller

MOST_AT_ONCE = 100


def orders_of(caller: Caller, orders: Any) -> list[dict[str, Any]]:
    """All of them, however many pages that takes; customers alone have orders."""
    found: list[dict[str, Any]] = []
    query: dict[str, Any] | None = {"limit": MOST_AT_ONCE}
    while query and "customer" in caller.roles:
        page = orders.list_orders(query=query)
        found += page["items"]
        query = page["next"] and {"limit": MOST_AT_ONCE, "cursor": page["next"]}
    return found


def cart_of(caller: Caller, orders: Any) -> dict[str, Any] | None:
    if "customer" not in caller.roles:
        return None
    cart: dict[str, Any] = orders.get_cart()
    return cart


def shop_of(products: Any) -> dict[str, Any] | None:
    try:
        shop: dict[str, Any] = products.get_own_seller()
    except NotFound:
        return None
    return shop
