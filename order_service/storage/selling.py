"""What a shop has sold: its parts of orders, and what they come to."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Date, cast, func, select
from sqlalchemy.orm import Session

from order_service.domain.dashboard import Day
from order_service.domain.states import PartStatus, Status
from order_service.storage.models import FulfilmentRow, LineRow, OrderRow
from order_service.storage.months import earliest_id

# Before that a shop has nothing to do with it.
SOLD = [each.value for each in Status if each not in (Status.PENDING, Status.REJECTED)]
# What was cancelled or refunded has earned nothing.
EARNING = [Status.CONFIRMED.value, Status.SHIPPED.value, Status.DELIVERED.value]
# Of each table, so that older months of none are read.
IDS = OrderRow.id, FulfilmentRow.order_id, LineRow.order_id


class Sales:
    def __init__(self, session: Session) -> None:
        self.session = session

    def ids_of(
        self,
        seller_id: str,
        status: Status | None,
        limit: int,
        cursor: list | None,
    ) -> list[str]:
        """Up to ``limit + 1`` orders with something of this shop, the newest first."""
        sold = [status.value] if status else SOLD
        wanted = (
            select(FulfilmentRow.order_id)
            .join(OrderRow, OrderRow.id == FulfilmentRow.order_id)
            .where(FulfilmentRow.seller_id == seller_id)
            .where(OrderRow.status.in_(sold), OrderRow.status.in_(SOLD))
        )
        if cursor:
            wanted = wanted.where(FulfilmentRow.order_id < cursor[-1])
        newest = wanted.order_by(FulfilmentRow.order_id.desc()).limit(limit + 1)
        return list(self.session.scalars(newest))

    def open_orders(self, seller_id: str) -> int:
        """How many orders wait for this shop to send its part."""
        waiting = (
            select(func.count())
            .select_from(FulfilmentRow)
            .join(OrderRow, OrderRow.id == FulfilmentRow.order_id)
            .where(FulfilmentRow.seller_id == seller_id)
            .where(FulfilmentRow.status == PartStatus.PENDING.value)
            .where(OrderRow.status == Status.CONFIRMED.value)
        )
        return self.session.scalar(waiting) or 0

    def days_of(self, seller_id: str, first: date) -> list[Day]:
        """What was sold on each day from ``first`` on, where anything was."""
        # A day to spare is for clocks that do not agree.
        since = earliest_id(first - timedelta(days=1))
        day = cast(func.timezone("UTC", OrderRow.placed_at), Date)
        sums = (
            select(
                day,
                func.count(OrderRow.id.distinct()),
                func.sum(LineRow.quantity),
                func.sum(LineRow.quantity * LineRow.unit_price_minor),
            )
            .join(FulfilmentRow, FulfilmentRow.order_id == OrderRow.id)
            .join(LineRow, LineRow.order_id == OrderRow.id)
            .where(FulfilmentRow.seller_id == seller_id, LineRow.seller_id == seller_id)
            .where(*(each >= since for each in IDS))
            .where(OrderRow.placed_at >= midnight(first), OrderRow.status.in_(EARNING))
            .group_by(day)
        )
        return [
            Day(day, orders, int(units), int(revenue))
            for day, orders, units, revenue in self.session.execute(sums)
        ]


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
