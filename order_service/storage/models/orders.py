"""The tables of orders, and of what was answered about them."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Index,
    Sequence,
    String,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from order_service.storage.models.base import OF_ORDER, Identity, Moment, OrderBase

# A cart is emptied when its order ends well; till then it must not be bought again.
CART_IN_CHECKOUT = text("from_cart AND answer IS NULL")
ORDER_NUMBERS = Sequence("order_numbers", start=100_001, metadata=OrderBase.metadata)


class OrderRow(OrderBase):
    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_of_customer", "customer_id", "id"),
        Index("ix_orders_to_do", "resume_at", postgresql_where=text("step <> 'done'")),
        {"postgresql_partition_by": "RANGE (id)"},
    )

    id: Mapped[str] = mapped_column(Identity, primary_key=True)
    # A sequence sees to it that there are no two; no index could, across months.
    number: Mapped[str]
    customer_id: Mapped[str] = mapped_column(Identity)
    status: Mapped[str]
    step: Mapped[str]
    total_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    from_cart: Mapped[bool]
    payment_token: Mapped[str]
    payment_status: Mapped[str]
    refusal: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    # How it is kept, and the answer below: see order_service/storage/sealed.py.
    shipping_address: Mapped[dict[str, Any]] = mapped_column(JSONB)
    placed_at: Mapped[datetime] = mapped_column(Moment)
    resume_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int]
    version: Mapped[int]
    # The sum of its refunds, so that only who has some is asked for them.
    refunded_minor: Mapped[int] = mapped_column(BigInteger, server_default="0")
    # The span that placed it, for whoever takes it up again to go on with.
    traceparent: Mapped[str | None] = mapped_column(String(55))


class LineRow(OrderBase):
    __tablename__ = "order_lines"
    __table_args__ = (OF_ORDER,)

    order_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[str] = mapped_column(Identity)
    seller_id: Mapped[str] = mapped_column(Identity)
    sku: Mapped[str]
    title: Mapped[str]
    quantity: Mapped[int]
    unit_price_minor: Mapped[int] = mapped_column(BigInteger)
    category: Mapped[str | None]
    # None was taken before there was one.
    commission_bp: Mapped[int] = mapped_column(server_default="0")
    commission_minor: Mapped[int] = mapped_column(BigInteger, server_default="0")


class FulfilmentRow(OrderBase):
    __tablename__ = "fulfilments"
    __table_args__ = (
        Index("ix_fulfilments_of_order", "order_id"),
        Index("ix_fulfilments_of_seller", "seller_id", "order_id"),
        OF_ORDER,
    )

    id: Mapped[str] = mapped_column(Identity, primary_key=True)
    order_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    seller_id: Mapped[str] = mapped_column(Identity)
    status: Mapped[str]
    tracking_number: Mapped[str | None]


class IdempotencyKeyRow(OrderBase):
    """Who asked for an order under which key, and what they were answered."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        Index(
            "ix_keys_cart_in_checkout",
            "customer_id",
            unique=True,
            postgresql_where=CART_IN_CHECKOUT,
        ),
    )

    customer_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    order_id: Mapped[str] = mapped_column(Identity, index=True)
    # Whether it was the cart that was ordered; its answer comes with the order's end.
    from_cart: Mapped[bool] = mapped_column(server_default=false())
    answer: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)


class ErasedCustomerRow(OrderBase):
    """Whom we do not know any more; an old backup that comes back does."""

    __tablename__ = "erased_customers"

    customer_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(Moment)


class ArchivedMonthRow(OrderBase):
    """A month whose orders were taken out; they are all below ``until_id``."""

    __tablename__ = "archived_months"

    name: Mapped[str] = mapped_column(primary_key=True)
    until_id: Mapped[str]
    archived_at: Mapped[datetime] = mapped_column(Moment)
    dropped_at: Mapped[datetime | None] = mapped_column(Moment)
