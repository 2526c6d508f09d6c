"""Every refusal this service can give, in one list."""

from collections.abc import Iterable, Mapping

from common.errors import Conflict, Invalid, NotFound, Unauthenticated, Unavailable
from common.money import Money


def no_such_order(order_id: str) -> NotFound:
    return NotFound("order_not_found", f"There is no order {order_id}")


def no_such_fulfilment(fulfilment_id: str) -> NotFound:
    return NotFound("fulfilment_not_found", f"There is no fulfilment {fulfilment_id}")


def no_such_seller(seller_id: str) -> NotFound:
    return NotFound("seller_not_found", f"There is no seller {seller_id}")


def no_such_product(product_id: str) -> NotFound:
    return NotFound("product_not_found", f"There is no product {product_id}")


def no_such_address() -> Invalid:
    return Invalid(
        "invalid",
        "The request is not valid",
        {"shipping_address_id": "No address of yours."},
    )


def customer_gone() -> Unauthenticated:
    """The same as for any token of somebody whose account is closed."""
    return Unauthenticated("invalid_token", "The access token is not valid")


def not_for_sale(product_ids: Iterable[str]) -> Conflict:
    details = {product_id: "not for sale" for product_id in product_ids}
    return Conflict(
        "product_not_for_sale", "Some of the products are not for sale", details
    )


def cart_empty() -> Conflict:
    return Conflict("cart_empty", "There is nothing in the cart to order")


def cart_full(most: int) -> Conflict:
    return Conflict("cart_full", f"A cart holds {most} products at the most")


def cart_in_checkout() -> Conflict:
    return Conflict(
        "cart_in_checkout",
        "Your cart is being ordered already; see the order that is pending",
    )


def price_changed(total: Money) -> Conflict:
    return Conflict(
        "price_changed",
        "The total is not what you expected",
        {"total": f"{total.amount} {total.currency}"},
    )


def payment_declined(reason: str) -> Conflict:
    return Conflict("payment_declined", "The payment was declined", {"payment": reason})


def payment_unavailable() -> Unavailable:
    return Unavailable("payment_unavailable", "The payment provider does not answer")


def no_payment_events() -> NotFound:
    return NotFound("not_found", "The payment provider of this shop tells nothing")


def invalid_signature() -> Invalid:
    return Invalid("invalid_signature", "This is not signed by the payment provider")


def illegal_step(step: str, outcome: str) -> Conflict:
    return Conflict("illegal_step", f"The step {step} cannot be {outcome}")


def checkout_timed_out() -> Conflict:
    return Conflict(
        "checkout_timed_out", "The order could not be finished; nothing was charged"
    )


def illegal_transition(before: str, after: str) -> Conflict:
    return Conflict(
        "illegal_transition",
        f"What is {before} cannot become {after}",
        {"from": str(before), "to": str(after)},
    )


def too_late_to_cancel() -> Conflict:
    return Conflict("too_late_to_cancel", "A part of the order is on its way already")


def refund_too_large(left: Money) -> Conflict:
    return Conflict(
        "refund_too_large",
        "This is more than what is left of the payment",
        {"left": f"{left.amount} {left.currency}"},
    )


def return_too_large(left: Mapping[str, int]) -> Conflict:
    details = {product_id: f"{count} left" for product_id, count in left.items()}
    return Conflict(
        "return_too_large", "More pieces than were bought cannot come back", details
    )


def customer_not_named() -> Invalid:
    return Invalid(
        "invalid",
        "The request is not valid",
        {"customer_id": "Whose orders? Name a customer."},
    )


def order_in_progress() -> Conflict:
    return Conflict("request_in_progress", "The order is still being placed")


def request_in_progress() -> Conflict:
    return Conflict(
        "request_in_progress", "The first request with this key is still running"
    )


def idempotency_key_reused() -> Invalid:
    return Invalid(
        "idempotency_key_reused",
        "This Idempotency-Key came with another request before",
    )
