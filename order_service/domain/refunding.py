"""Support gives money back: a part of it at a time, or all that is left."""

from dataclasses import replace
from datetime import datetime

from common.money import Money
from order_service.domain import errors
from order_service.domain.events import OrderRefunded
from order_service.domain.giving_back import GivenBack
from order_service.domain.history import SYSTEM
from order_service.domain.order import Order
from order_service.domain.payment import PaymentStatus
from order_service.domain.refund import Refund, RefundStatus
from order_service.domain.states import ORDER, PartStatus, moved


def refund(order: Order, wanted: Refund) -> Refund:
    """Owe the customer this much of what they paid.

    When nothing is left, what was not sent stays here: it goes back on the
    shelf together with what was returned.
    """
    moved(ORDER, "refund", order.status)
    if wanted.amount.amount > order.left.amount:
        raise errors.refund_too_large(order.left)
    must_have_kept(order, wanted.returned)
    if wanted.amount == order.left:
        wanted = replace(wanted, returned=wanted.returned | unsent(order))
        order.move("refund")
        order.call_off_parts()
    order.refunds += (wanted,)
    order.version += 1
    order.note("refund.requested", wanted.requested_by, **told(wanted))
    return wanted


def must_have_kept(order: Order, returned: dict[str, int]) -> None:
    """Refuse that more comes back than the customer has."""
    kept = order.kept
    short = {
        product_id: kept.get(product_id, 0)
        for product_id, quantity in returned.items()
        if quantity > kept.get(product_id, 0)
    }
    if short:
        raise errors.return_too_large(short)


def unsent(order: Order) -> dict[str, int]:
    waiting = {
        part.seller_id
        for part in order.fulfilments
        if part.status is PartStatus.PENDING
    }
    here = {line.product_id for line in order.items if line.seller_id in waiting}
    return {product_id: n for product_id, n in order.kept.items() if product_id in here}


def told(wanted: Refund) -> dict:
    return {
        "refund_id": wanted.id,
        "amount": vars(wanted.amount),
        "reason": wanted.reason,
        "returned_items": wanted.returned_items,
    }


def settle(order: Order, refund_id: str, at: datetime) -> None:
    """The provider has paid a refund that was owed."""
    owed = order.refund_of(refund_id)
    if owed.status is RefundStatus.DONE:
        return
    done = replace(owed, status=RefundStatus.DONE, done_at=at)
    order.refunds = tuple(done if one is owed else one for one in order.refunds)
    order.payment_status = payment_after(order)
    order.version += 1
    order.events.append(
        OrderRefunded(
            order.id, order.customer_id, done.id, done.amount, done.returned_items
        )
    )
    order.postings.append(given_back(order, done))
    order.note("refund.done", SYSTEM, refund_id=done.id, amount=vars(done.amount))


def given_back(order: Order, done: Refund) -> GivenBack:
    """It is borne by the lines of what came back first."""
    returned = frozenset(
        place
        for place, line in enumerate(order.items)
        if line.product_id in done.returned
    )
    return GivenBack(order.id, done.id, done.amount, returned)


def payment_after(order: Order) -> PaymentStatus:
    paid = [one.amount for one in order.refunds if one.status is RefundStatus.DONE]
    if sum(paid, Money(0, order.total.currency)) == order.total:
        return PaymentStatus.REFUNDED
    return PaymentStatus.PARTIALLY_REFUNDED
