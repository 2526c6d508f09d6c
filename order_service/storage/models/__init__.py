"""The tables of the orders database, a module for each kind of thing."""

from order_service.storage.models import guards as guards
from order_service.storage.models.base import OrderBase, OutboxRow
from order_service.storage.models.money import (
    CommissionRuleRow,
    LedgerEntryRow,
    PayoutBatchRow,
    PayoutRow,
)
from order_service.storage.models.orders import (
    ORDER_NUMBERS,
    ErasedCustomerRow,
    FulfilmentRow,
    IdempotencyKeyRow,
    LineRow,
    OrderRow,
)
from order_service.storage.models.payments import SandboxChargeRow

__all__ = [
    "ORDER_NUMBERS",
    "CommissionRuleRow",
    "ErasedCustomerRow",
    "FulfilmentRow",
    "IdempotencyKeyRow",
    "LedgerEntryRow",
    "LineRow",
    "OrderBase",
    "OrderRow",
    "OutboxRow",
    "PayoutBatchRow",
    "PayoutRow",
    "SandboxChargeRow",
]
