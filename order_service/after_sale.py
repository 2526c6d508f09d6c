"""Money back: decided on, kept as owed, and then paid by the provider.

What is decided is stored, with what is owed, before the provider hears of it,
and a refund may be paid again under its id; so a crash at any point loses
nothing, and whoever finds the refund next, this worker or the timer, pays it.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from common.clock import Clock
from common.errors import Refusal
from common.ids import new_id
from common.outages import answering_outages
from common.schemas import show
from common.tokens import Caller
from order_service.domain import cancelling, errors, refunding
from order_service.domain.history import Actor
from order_service.domain.order import Order
from order_service.domain.pricing import merged
from order_service.domain.refund import Refund
from order_service.payments.keys import refund_of
from order_service.schemas import OrderView, RefundView
from order_service.storage.claims import Claim

MOST_RESUMED = 100

Answer = dict[str, Any]


class AfterSale:
    def __init__(self, store: Any, payments: Any, clock: Clock) -> None:
        self.store, self.payments, self.clock = store, payments, clock

    def cancel(
        self, order_id: str, customer: Caller, reason: str, claim: Claim | None
    ) -> Answer:
        def call_off(order: Order) -> Refund | None:
            if order.customer_id != customer.id:
                raise errors.no_such_order(order_id)
            by = Actor("customer", customer.id)
            return cancelling.cancel(order, reason, by, new_id(), self.clock.now())

        return self.decide(order_id, claim, call_off, shown_order)

    def refund(
        self, order_id: str, support: Caller, draft: dict, claim: Claim | None
    ) -> Answer:
        wanted = Refund(
            id=new_id(),
            order_id=order_id,
            amount=draft["amount"],
            reason=draft["reason"],
            requested_by=Actor("support", support.id),
            created_at=self.clock.now(),
            returned=merged(draft["returned_items"]),
        )
        return self.decide(
            order_id,
            claim,
            lambda order: refunding.refund(order, wanted),
            lambda order: {"refund": show(RefundView, order.refund_of(wanted.id))},
        )

    def decide(
        self,
        order_id: str,
        claim: Claim | None,
        change: Callable[[Order], Refund | None],
        shown: Callable[[Order], Answer],
    ) -> Answer:
        """What is ``shown`` of the order after ``change``; once per ``claim``."""
        now = self.clock.now()
        with self.store.transaction() as orders:
            order = orders.get(order_id)
            known = orders.requests.answered(claim)
            if known:
                return known | {"replayed": True}
            owed = change(order)
            orders.save(order, now)
            orders.requests.keep(claim, order_id, shown(order), now)
        if owed:
            order = self.pay_now(owed, claim, shown) or order
        return shown(order) | {"replayed": False}

    def pay_now(
        self, owed: Refund, claim: Claim | None, shown: Callable[[Order], Answer]
    ) -> Order | None:
        """None where that has to wait for the timer."""

        def remember(orders: Any, order: Order) -> None:
            orders.requests.amend(claim, order.id, shown(order))

        with suppress(Refusal):
            return answering_outages(self.pay)(owed, remember)
        return None

    def pay(
        self, owed: Refund, then: Callable[[Any, Order], None] = lambda *_: None
    ) -> Order:
        self.payments.settle(refund_of(owed.id, owed.order_id, owed.amount))
        now = self.clock.now()
        with self.store.transaction() as orders:
            order: Order = orders.get(owed.order_id)
            refunding.settle(order, owed.id, now)
            orders.save(order, now)
            then(orders, order)
        return order

    def due(self) -> list[Refund]:
        """Refunds that a crash or an outage left, leased to the caller."""
        with self.store.transaction() as orders:
            return orders.lease_refunds(self.clock.now(), MOST_RESUMED)


def shown_order(order: Order) -> Answer:
    return {"order": show(OrderView, order)}
