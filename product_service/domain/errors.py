"""Every refusal this service can give, in one list."""

from collections.abc import Iterable, Mapping

from common.errors import Conflict, Forbidden, Invalid, NotFound


def no_such_product(product_id: str) -> NotFound:
    return NotFound("product_not_found", f"There is no product {product_id}")


def no_such_seller(seller_id: str) -> NotFound:
    return NotFound("seller_not_found", f"There is no seller {seller_id}")


def no_such_category(slug: str) -> Invalid:
    return Invalid(
        "invalid", "The request is not valid", {"category": f"No category {slug!r}."}
    )


def cursor_too_old() -> Invalid:
    return Invalid(
        "invalid", "The request is not valid", {"cursor": "Too old; start again."}
    )


def already_a_seller(seller_id: str) -> Conflict:
    return Conflict(
        "already_a_seller", "You have a shop already", {"seller_id": seller_id}
    )


def seller_not_active(seller_id: str) -> Forbidden:
    return Forbidden("seller_not_active", f"The seller {seller_id} is not active")


def no_shop() -> NotFound:
    return NotFound("seller_not_found", "You have no shop")


def seller_closed(seller_id: str) -> Conflict:
    return Conflict("seller_closed", f"The seller {seller_id} has gone for good")


def stale() -> Conflict:
    return Conflict("stale", "Somebody changed this meanwhile; please read it again")


def sku_repeated(sku: str) -> Conflict:
    return Conflict("sku_taken", f"Another row before this one has the sku {sku}")


def sku_taken(sku: str) -> Conflict:
    return Conflict("sku_taken", f"You have a product with sku {sku} already")


def product_archived(product_id: str) -> Conflict:
    return Conflict("product_archived", f"The product {product_id} is archived")


def not_for_sale(product_ids: Iterable[str]) -> Conflict:
    details = {product_id: "not for sale" for product_id in product_ids}
    return Conflict(
        "product_not_for_sale", "Some of the products are not for sale", details
    )


def out_of_stock(available: Mapping[str, int]) -> Conflict:
    """``available`` is what is left of each product that does not suffice."""
    details = {product_id: f"{left} left" for product_id, left in available.items()}
    return Conflict("out_of_stock", "There is not enough in stock", details)


def insufficient_stock() -> Conflict:
    return Conflict("insufficient_stock", "There is less in stock than that")


def reservation_released(order_id: str) -> Conflict:
    return Conflict(
        "reservation_released", f"The reservation of order {order_id} was released"
    )


def not_a_buyer() -> Forbidden:
    return Forbidden("not_a_buyer", "Only who has bought it may review it")


def already_reviewed() -> Conflict:
    return Conflict("already_reviewed", "You have reviewed this product already")


def idempotency_key_reused() -> Invalid:
    return Invalid(
        "idempotency_key_reused",
        "This Idempotency-Key came with another request before",
    )
