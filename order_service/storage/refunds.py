"""Where refunds are kept: with their order, and as work to be done."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from common.money import Money
from order_service.domain.history import Actor
from order_service.domain.order import Order
from order_service.domain.refund import Refund, RefundStatus
from order_service.storage.models import OrderRow, RefundRow

# Who asked for a refund has it paid; nobody else takes it up for this long.
LEASE = timedelta(seconds=10)
# Then less often, but soon enough for a provider that has been away and is back.
LONGEST_PAUSE = timedelta(seconds=20)


def keep(session: Session, order: Order) -> None:
    """Only what becomes of a refund is written; whose turn it is, others know."""
    for refund in order.refunds:
        row = session.get(RefundRow, (refund.id, order.id))
        if row is None:
            session.add(RefundRow(**to_fields(refund)))
        else:
            row.status, row.done_at = refund.status.value, refund.done_at


def of_orders(session: Session, found: Iterable[OrderRow]) -> list[Refund]:
    """Of the few orders that have any, the oldest first."""
    ids = [row.id for row in found if row.refunded_minor]
    if not ids:
        return []
    rows = select(RefundRow, OrderRow.currency).join(
        OrderRow, OrderRow.id == RefundRow.order_id
    )
    mine = rows.where(RefundRow.order_id.in_(ids)).order_by(RefundRow.id)
    return [to_refund(row, currency) for row, currency in session.execute(mine)]


def pause(attempts: int) -> timedelta:
    """How long to leave alone what has been tried so often before."""
    return LONGEST_PAUSE if attempts else LEASE


def lease_due(session: Session, now: datetime, most: int) -> list[Refund]:
    """Refunds that nobody is paying, leased to the caller."""
    due = session.execute(
        select(RefundRow, OrderRow.currency)
        .join(OrderRow, OrderRow.id == RefundRow.order_id)
        .where(RefundRow.status != RefundStatus.DONE.value, RefundRow.resume_at <= now)
        .order_by(RefundRow.resume_at)
        .limit(most)
        .with_for_update(skip_locked=True, of=RefundRow)
    ).all()
    for row, _ in due:
        row.resume_at, row.attempts = now + pause(row.attempts), row.attempts + 1
    return [to_refund(row, currency) for row, currency in due]


def forget_words(session: Session, order_ids: Any) -> None:
    session.execute(
        update(RefundRow).where(RefundRow.order_id.in_(order_ids)).values(reason=None),
        execution_options={"synchronize_session": False},
    )


def to_fields(refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.id,
        "order_id": refund.order_id,
        "amount_minor": refund.amount.amount,
        "reason": refund.reason,
        "requested_by_role": refund.requested_by.role,
        "requested_by_id": refund.requested_by.id,
        "status": refund.status.value,
        "returned_items": refund.returned_items,
        "created_at": refund.created_at,
        "done_at": refund.done_at,
        "resume_at": refund.created_at + LEASE,
        "attempts": 0,
    }


def to_refund(row: RefundRow, currency: str) -> Refund:
    return Refund(
        id=row.id,
        order_id=row.order_id,
        amount=Money(row.amount_minor, currency),
        reason=row.reason,
        requested_by=Actor(row.requested_by_role, row.requested_by_id),
        created_at=row.created_at,
        returned={one["product_id"]: one["quantity"] for one in row.returned_items},
        status=RefundStatus(row.status),
        done_at=row.done_at,
    )
