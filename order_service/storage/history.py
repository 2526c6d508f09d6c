"""Where the history of orders is kept: written with each change, never over."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from order_service.domain.history import Actor, Entry
from order_service.domain.order import Order
from order_service.storage.models import HistoryRow


def rows_of(order: Order, now: datetime) -> list[dict[str, Any]]:
    """What has happened to ``order`` since this was asked for last."""
    rows = [to_row(order.id, entry, now) for entry in order.happened]
    order.happened.clear()
    return rows


def of_order(session: Session, order_id: str) -> list[Entry]:
    """The oldest first."""
    rows = select(HistoryRow).filter_by(order_id=order_id).order_by(HistoryRow.position)
    return [to_entry(row) for row in session.scalars(rows)]


def forget_words(session: Session, order_ids: Any) -> None:
    """What people have written about these orders is theirs, and goes with them."""
    session.execute(
        update(HistoryRow)
        .where(HistoryRow.order_id.in_(order_ids), HistoryRow.details.has_key("reason"))
        .where(HistoryRow.role != "system")
        .values(details=HistoryRow.details.delete_path(["reason"])),
        execution_options={"synchronize_session": False},
    )


def to_row(order_id: str, entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "at": now,
        "role": entry.actor.role,
        "actor_id": entry.actor.id,
        "event": entry.event,
        "details": entry.details,
    }


def to_entry(row: HistoryRow) -> Entry:
    return Entry(row.event, Actor(row.role, row.actor_id), row.details, row.at)
