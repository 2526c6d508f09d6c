"""What other services may hear about orders."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class OrderConfirmed:
    """Paid, and its stock held: ``items`` are ``{product_id, quantity}``."""

    type: ClassVar[str] = "order.confirmed"

    order_id: str
    customer_id: str
    items: list[dict]


@dataclass(frozen=True)
class OrderRejected:
    """Not to be: nothing is held and nothing is charged."""

    type: ClassVar[str] = "order.rejected"

    order_id: str
    customer_id: str
    reason: str
