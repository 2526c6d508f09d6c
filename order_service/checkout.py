"""The checkout saga: takes a pending order to its end.

The order is stored, with the step it is at, before anything remote happens,
and every step may be repeated; so a crash at any point loses nothing, and
whoever finds the order next, this worker or the timer, goes on from there.
"""

from collections.abc import Callable
from typing import Any

from common.clock import Clock
from common.errors import Conflict
from order_service.domain.order import Order, Step
from order_service.domain.payment import PaymentProvider
from order_service.schemas import OrderView


class Checkout:
    def __init__(
        self, store: Any, products: Any, payments: PaymentProvider, clock: Clock
    ) -> None:
        self.store, self.products = store, products
        self.payments, self.clock = payments, clock

    def run(self, order: Order) -> Order:
        """The order at its end; raises ``Unavailable`` when it has to wait."""
        while order.step is not Step.DONE:
            order = self.advance(order)
        return order

    def advance(self, order: Order) -> Order:
        if order.step is Step.COMPENSATE:
            self.undo(order)
            return self.record(order.id, Order.reject)
        try:
            self.take(order)
        except Conflict as refusal:
            reason = refusal
            return self.record(order.id, lambda order: order.give_up(reason))
        return self.record(order.id, Order.confirm)

    def take(self, order: Order) -> None:
        self.products.reserve_stock(order_id=order.id, items=order.wanted)
        self.payments.charge(order.id, order.total, order.payment_token)

    def undo(self, order: Order) -> None:
        self.payments.void(order.id)
        self.products.release_stock(order_id=order.id)

    def record(self, order_id: str, change: Callable[[Order], None]) -> Order:
        with self.store.transaction() as orders:
            order = orders.get(order_id)
            change(order)
            orders.save(order, self.clock.now())
            if order.step is Step.DONE:
                orders.answer(order.id, answer_of(order))
        return order


def answer_of(order: Order) -> dict[str, Any] | None:
    """What to answer from now on under the order's key; None to let it try again."""
    if not order.settled:
        return None
    if order.refusal:
        return {"refusal": list(order.refusal.args)}
    return {"order": OrderView().dump(order)}
