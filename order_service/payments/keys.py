"""Under which keys the operations of an order are known, here and at the provider."""

from common.money import Money
from order_service.domain.payment import Kind, Operation


def operation(order_id: str, kind: Kind, amount: Money) -> Operation:
    return Operation(f"{order_id}:{kind}", order_id, kind, amount)


def refund_of(refund_id: str, order_id: str, amount: Money) -> Operation:
    return Operation(f"{refund_id}:{Kind.REFUND}", order_id, Kind.REFUND, amount)
