"""What other services may hear about orders."""

from dataclasses import dataclass
from typing import ClassVar

from common.money import Money


@dataclass(frozen=True)
class OrderConfirmed:
    """Paid, and its stock held.

    ``items`` are ``{product_id, seller_id, title, quantity, unit_price}``.
    """

    type: ClassVar[str] = "order.confirmed"
    schema_version: ClassVar[int] = 2

    order_id: str
    customer_id: str
    number: str
    items: list[dict]
    total: Money


@dataclass(frozen=True)
class OrderRejected:
    """Not to be: nothing is held and nothing is charged."""

    type: ClassVar[str] = "order.rejected"

    order_id: str
    customer_id: str
    reason: str


@dataclass(frozen=True)
class OrderShipped:
    """All of it is on its way."""

    type: ClassVar[str] = "order.shipped"

    order_id: str
    customer_id: str
    number: str


@dataclass(frozen=True)
class OrderDelivered:
    """All of it has arrived."""

    type: ClassVar[str] = "order.delivered"

    order_id: str
    customer_id: str
    number: str


@dataclass(frozen=True)
class OrderCancelled:
    """Not to be sent; the money goes back.

    ``items`` are ``{product_id, quantity}``, without what came back before.
    ``reason`` says who called it off; their own words stay with the order.
    """

    type: ClassVar[str] = "order.cancelled"

    order_id: str
    customer_id: str
    number: str
    items: list[dict]
    reason: str


@dataclass(frozen=True)
class OrderRefunded:
    """Money has gone back.

    ``returned_items`` are ``{product_id, quantity}``: they go back on the shelf.
    """

    type: ClassVar[str] = "order.refunded"

    order_id: str
    customer_id: str
    refund_id: str
    amount: Money
    returned_items: list[dict]
