"""The tables of commission, the ledger and payouts; guards.py keeps them honest."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from order_service.storage.models.base import Identity, Moment, OrderBase


class CommissionRuleRow(OrderBase):
    """What the marketplace takes from then on; a rule without a rate ends one."""

    __tablename__ = "commission_rules"
    __table_args__ = (
        Index("ix_commission_rules_of_scope", "seller_id", "category"),
        CheckConstraint("rate_bp BETWEEN 0 AND 10000", name="ck_rate"),
    )

    id: Mapped[str] = mapped_column(Identity, primary_key=True)
    seller_id: Mapped[str | None] = mapped_column(Identity)
    category: Mapped[str | None]
    rate_bp: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Moment)


class LedgerEntryRow(OrderBase):
    """``transaction_id`` is the order's, the refund's or the payout's, as its
    ``kind`` says; so each is posted once."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index("ix_ledger_of_order", "order_id"),
        # All that a balance asks for, so that the table itself is not read.
        Index(
            "ix_ledger_of_seller",
            "seller_id",
            "kind",
            "account",
            postgresql_include=["amount_minor"],
        ),
        CheckConstraint("amount_minor <> 0", name="ck_amount"),
        CheckConstraint("position >= 0", name="ck_position"),
        CheckConstraint(
            "(account IN ('seller_payable', 'commission')) = (seller_id IS NOT NULL)",
            name="ck_seller",
        ),
        CheckConstraint("(kind = 'payout') = (order_id IS NULL)", name="ck_order"),
    )

    transaction_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    account: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    seller_id: Mapped[str | None] = mapped_column(Identity)
    # Of an order that may have been archived since: the books are kept.
    order_id: Mapped[str | None] = mapped_column(Identity)
    # The position of the order's line.
    line: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(Moment)


class PayoutBatchRow(OrderBase):
    """Open while it is being made, and closed in the same transaction."""

    __tablename__ = "payout_batches"

    id: Mapped[str] = mapped_column(Identity, primary_key=True)
    until: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class PayoutRow(OrderBase):
    __tablename__ = "payouts"
    __table_args__ = (
        Index("ix_payouts_of_batch", "batch_id"),
        CheckConstraint("amount_minor > 0", name="ck_amount"),
    )

    id: Mapped[str] = mapped_column(Identity, primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("payout_batches.id"))
    seller_id: Mapped[str] = mapped_column(Identity)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
