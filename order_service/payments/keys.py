"""Under which keys the operations of an order are known, here and at the provider."""

from common.money import Money
from order_service.domain.order import Order
from order_service.domain.payment import Kind, Operation
from order_service.domain.steps import Step

OF_STEP = {
    Step.AUTHORISE: Kind.AUTHORISE,
    Step.CAPTURE: Kind.CAPTURE,
    Step.VOID: Kind.VOID,
}


def of_step(order: Order) -> Operation | None:
    """What the step that is next asks of the provider."""
    kind = OF_STEP.get(order.step)
    if kind is None:
        return None
    nothing = Money(0, order.total.currency)
    amount = nothing if kind is Kind.VOID else order.total
    return operation(order.id, kind, amount)


def operation(order_id: str, kind: Kind, amount: Money) -> Operation:
    return Operation(f"{order_id}:{kind}", order_id, kind, amount)


def refund_of(refund_id: str, order_id: str, amount: Money) -> Operation:
    return Operation(f"{refund_id}:{Kind.REFUND}", order_id, Kind.REFUND, amount)
