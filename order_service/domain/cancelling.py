"""A customer changes their mind, as long as nothing is on its way."""

from datetime import datetime

from order_service.domain import errors
from order_service.domain.events import OrderCancelled
from order_service.domain.history import Actor
from order_service.domain.order import Order
from order_service.domain.refund import Refund, pieces
from order_service.domain.shipping import SENT
from order_service.domain.states import Status


def cancel(
    order: Order, reason: str, by: Actor, refund_id: str, at: datetime
) -> Refund | None:
    """Call the whole order off; what is owed for it, if anything is."""
    if order.status is Status.PENDING:
        raise errors.order_in_progress()
    if any(part.status in SENT for part in order.fulfilments):
        raise errors.too_late_to_cancel()
    if not order.move("cancel"):
        return None
    order.call_off_parts()
    order.version += 1
    order.events.append(cancellation(order, by))
    order.note("order.cancelled", by, reason=reason)
    if not order.left.amount:
        return None
    owed = Refund(refund_id, order.id, order.left, reason, by, at)
    order.refunds += (owed,)
    return owed


def cancellation(order: Order, by: Actor) -> OrderCancelled:
    return OrderCancelled(
        order.id,
        order.customer_id,
        order.number,
        pieces(order.kept),
        f"cancelled_by_{by.role}",
    )
