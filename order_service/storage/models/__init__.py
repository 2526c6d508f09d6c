"""The tables of the orders database, a module for each kind of thing."""

from order_service.storage.models import guards as guards
from order_service.storage.models.after_sale import (
    HistoryRow,
    RefundRow,
    RequestKeyRow,
)
from order_service.storage.models.base import InboxRow, OrderBase, OutboxRow
from order_service.storage.models.money import (
    CommissionRuleRow,
    LedgerEntryRow,
    PayoutBatchRow,
    PayoutRow,
)
from order_service.storage.models.orders import (
    ORDER_NUMBERS,
    ArchivedMonthRow,
    ErasedCustomerRow,
    FulfilmentRow,
    IdempotencyKeyRow,
    LineRow,
    OrderRow,
)
from order_service.storage.models.payments import (
    PaymentEventRow,
    PaymentOperationRow,
    PaymentRow,
    SandboxChargeRow,
    SandboxRequestRow,
)

__all__ = [
    "ORDER_NUMBERS",
    "ArchivedMonthRow",
    "CommissionRuleRow",
    "ErasedCustomerRow",
    "FulfilmentRow",
    "HistoryRow",
    "IdempotencyKeyRow",
    "InboxRow",
    "LedgerEntryRow",
    "LineRow",
    "OrderBase",
    "OrderRow",
    "OutboxRow",
    "PaymentEventRow",
    "PaymentOperationRow",
    "PaymentRow",
    "PayoutBatchRow",
    "PayoutRow",
    "RefundRow",
    "RequestKeyRow",
    "SandboxChargeRow",
    "SandboxRequestRow",
]
