"""The checkout saga: takes an order from its draft to its end.

The order is stored, with the step it is at, before anything remote happens,
and every step may be repeated; so a crash at any point loses nothing, and
whoever finds the order next, this worker or the timer, goes on from there.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from common.clock import Clock
from common.errors import Conflict, Unavailable
from common.ids import new_id
from common.schemas import show
from order_service.catalogue import quotes
from order_service.domain.order import Order, Step
from order_service.domain.payment import PaymentProvider
from order_service.domain.pricing import merged, must_cost, price_lines
from order_service.schemas import OrderView
from order_service.storage.claims import Claim

# Nobody else takes up an order that somebody is working on for this long.
LEASE = timedelta(seconds=10)
RETRY = timedelta(seconds=1)
# All at once, and done well before their lease is over.
MOST_RESUMED = 20


class Checkout:
    def __init__(
        self, store: Any, products: Any, payments: PaymentProvider, clock: Clock
    ) -> None:
        self.store, self.products = store, products
        self.payments, self.clock = payments, clock

    def begin(self, claim: Claim, wanted: dict[str, Any], from_cart: bool) -> Order:
        """Price the order and store it under its key, at its first step."""
        pieces = merged(wanted["items"])
        offered = quotes(self.products, list(pieces))
        now = self.clock.now()
        with self.store.transaction() as orders:
            rates = orders.commissions.rates(offered.values())
            lines = price_lines(pieces, offered, rates)
            must_cost(lines, wanted.get("expected_total"))
            order = Order.place(
                lines,
                ids=iter(new_id, None),
                id=new_id(),
                number=orders.next_number(),
                customer_id=claim.customer_id,
                shipping_address=wanted["shipping_address"],
                payment_token=wanted["payment"]["token"],
                from_cart=from_cart,
                placed_at=now,
                resume_at=now + LEASE,
            )
            orders.add(order, claim, now)
        return order

    def due(self) -> list[Order]:
        """Orders that a crash or an outage left, leased to the caller."""
        now = self.clock.now()
        with self.store.transaction() as orders:
            return orders.lease_due(now, now + LEASE, MOST_RESUMED)

    def finish(self, order: Order) -> Order:
        """The order confirmed, or pending when a step has to wait.

        Raises the refusal of an order that was rejected.
        """
        try:
            order = self.run(order)
        except Unavailable:
            order = self.postpone(order.id)
        if order.refusal and order.step is Step.DONE:
            raise order.refusal
        return order

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

    def postpone(self, order_id: str) -> Order:
        now = self.clock.now()
        return self.record(order_id, lambda order: order.wait(now, RETRY))

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
    return {"order": show(OrderView, order)}


def replay(known: dict[str, Any]) -> dict[str, Any]:
    """Give the answer that was given before, a refusal included."""
    if "refusal" in known:
        code, message, details = known["refusal"]
        raise Conflict(code, message, details | {"replayed": "true"})
    return {"order": known["order"], "replayed": True}
