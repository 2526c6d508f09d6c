"""What other services may hear about orders."""

from dataclasses import dataclass
from typing import ClassVar

from common.money import Money


@dataclass(frozen=True)
class OrderConfirmed:
    """Paid, and its stock held.

    ``items`` are ``{product_id, title, quantity, unit_price}``.
    """

    type: ClassVar[str] = "order.confirmed"

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
