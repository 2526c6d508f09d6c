"""Money that goes back to a customer, and what came back for it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from common.money import Money
from order_service.domain.history import Actor


class RefundStatus(StrEnum):
    """It is owed from the first moment; ``done`` once the provider has paid it."""

    PENDING = "pending"
    DONE = "done"


@dataclass(frozen=True)
class Refund:
    """``returned`` is how many pieces of which product go back on the shelf."""

    id: str
    order_id: str
    amount: Money
    reason: str | None
    requested_by: Actor
    created_at: datetime
    returned: dict[str, int] = field(default_factory=dict)
    status: RefundStatus = RefundStatus.PENDING
    done_at: datetime | None = None

    @property
    def returned_items(self) -> list[dict]:
        return pieces(self.returned)


def pieces(by_product: dict[str, int]) -> list[dict]:
    return [
        {"product_id": product_id, "quantity": quantity}
        for product_id, quantity in by_product.items()
    ]
