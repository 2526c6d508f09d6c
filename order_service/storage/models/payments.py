"""The tables of payments, and those that the sandbox keeps as another company would."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, String, func
from sqlalchemy.orm import Mapped, mapped_column

from order_service.storage.models.base import OF_ORDER, Identity, Moment, OrderBase


class PaymentRow(OrderBase):
    """What the operations below add up to."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint(
            "0 <= refunded_minor AND refunded_minor <= captured_minor"
            " AND captured_minor <= amount_minor",
            name="ck_payments_add_up",
        ),
        OF_ORDER,
    )

    order_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    provider: Mapped[str]
    reference: Mapped[str | None]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    captured_minor: Mapped[int] = mapped_column(BigInteger)
    refunded_minor: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str]


class PaymentOperationRow(OrderBase):
    """What a provider was asked, under which key, and how that ended."""

    __tablename__ = "payment_operations"
    __table_args__ = (OF_ORDER,)

    key: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(Identity, primary_key=True, index=True)
    kind: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str]
    reference: Mapped[str | None]
    reason: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())


class PaymentEventRow(OrderBase):
    """What a provider told us by itself; it may tell it again."""

    __tablename__ = "payment_events"

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())


class SandboxChargeRow(OrderBase):
    """A charge of somebody's card; two of one order would be a mistake of ours."""

    __tablename__ = "sandbox_charges"
    __table_args__ = (
        CheckConstraint(
            "0 <= refunded_minor AND refunded_minor <= captured_minor"
            " AND captured_minor <= amount_minor",
            name="ck_sandbox_charges_add_up",
        ),
    )

    id: Mapped[str] = mapped_column(Identity, primary_key=True)
    order_id: Mapped[str] = mapped_column(Identity, index=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    captured_minor: Mapped[int] = mapped_column(BigInteger)
    refunded_minor: Mapped[int] = mapped_column(BigInteger)
    voided: Mapped[bool]


class SandboxRequestRow(OrderBase):
    """What was asked of the sandbox under a key, and what it answers from then on."""

    __tablename__ = "sandbox_requests"

    key: Mapped[str] = mapped_column(primary_key=True)
    charge_id: Mapped[str | None] = mapped_column(Identity)
    answer: Mapped[str]
    attempts: Mapped[int]
