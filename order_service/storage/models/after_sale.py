"""The tables of what happens to orders once they are sold."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Sequence, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from order_service.storage.models.base import OF_ORDER, Identity, Moment, OrderBase

POSITIONS = Sequence("order_history_positions", metadata=OrderBase.metadata)


class HistoryRow(OrderBase):
    """Who did what to an order, and when; nobody by name."""

    __tablename__ = "order_history"
    __table_args__ = (
        Index("ix_order_history_of_order", "order_id", "position"),
        OF_ORDER,
    )

    position: Mapped[int] = mapped_column(
        BigInteger, POSITIONS, server_default=POSITIONS.next_value(), primary_key=True
    )
    order_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    role: Mapped[str]
    actor_id: Mapped[str | None] = mapped_column(Identity)
    event: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)


class RefundRow(OrderBase):
    """What is owed back of an order, until ``resume_at`` somebody's to pay."""

    __tablename__ = "refunds"
    __table_args__ = (
        Index("ix_refunds_of_order", "order_id"),
        Index(
            "ix_refunds_to_do",
            "resume_at",
            postgresql_where=text("status <> 'done'"),
        ),
        OF_ORDER,
    )

    id: Mapped[str] = mapped_column(Identity, primary_key=True)
    order_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str | None]
    requested_by_role: Mapped[str]
    requested_by_id: Mapped[str | None] = mapped_column(Identity)
    status: Mapped[str]
    returned_items: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    resume_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int]


class RequestKeyRow(OrderBase):
    """What was answered to whom about an order that stands, under which key."""

    __tablename__ = "request_keys"

    asker_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    order_id: Mapped[str] = mapped_column(Identity, index=True)
    # How it is kept: see order_service/storage/sealed.py.
    answer: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
