"""The checkout saga: takes an order from its draft to its end.

The order is stored, with the step it is at, before anything remote happens,
and every step may be repeated; so a crash at any point loses nothing, and
whoever finds the order next, this worker or the timer, goes on from there.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from common.clock import Clock
from common.errors import Conflict, Unavailable, service_unavailable
from common.ids import new_id
from common.schemas import show
from order_service.catalogue import quotes
from order_service.domain import errors
from order_service.domain.order import MOST_ATTEMPTS, Order
from order_service.domain.payment import (
    Answer,
    Asking,
    PaymentProvider,
    PaymentStatus,
)
from order_service.domain.pricing import merged, must_cost, price_lines
from order_service.domain.steps import COMPENSATING, Step
from order_service.payments.keys import of_step
from order_service.schemas import OrderView
from order_service.storage.claims import Claim

log = logging.getLogger(__name__)

# Taken up so many at a time, so that none waits long for another's lease.
BATCH = 20


@dataclass(frozen=True)
class Pace:
    """How soon an unfinished order is taken up again; seconds are seconds.

    Nobody else takes up an order that somebody is working on for ``lease_seconds``.
    """

    lease_seconds: float = 10
    pause_seconds: float = 1
    longest_pause_seconds: float = 5
    most_attempts: int = MOST_ATTEMPTS

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_seconds)

    @property
    def pauses(self) -> tuple[timedelta, timedelta]:
        """The first, and the longest."""
        first, longest = self.pause_seconds, self.longest_pause_seconds
        return timedelta(seconds=first), timedelta(seconds=longest)


class Checkout:
    def __init__(
        self,
        store: Any,
        products: Any,
        payments: PaymentProvider,
        clock: Clock,
        pace: Pace | None = None,
    ) -> None:
        self.store, self.products = store, products
        self.payments, self.clock = payments, clock
        self.pace = pace or Pace()

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
                number=orders.number_for(claim.customer_id),
                customer_id=claim.customer_id,
                shipping_address=wanted["shipping_address"],
                payment_token=wanted["payment"]["token"],
                from_cart=from_cart,
                placed_at=now,
                resume_at=now + self.pace.lease,
            )
            orders.add(order, claim, now)
        return order

    def due(self) -> Iterator[Order]:
        """Orders that a crash or an outage left, each leased to the caller as it
        comes; those that fall due in the meantime come as well, for one lease.
        """
        end = self.clock.now() + self.pace.lease
        while (now := self.clock.now()) < end:
            with self.store.transaction() as orders:
                until, most = now + self.pace.lease, self.pace.most_attempts
                found = orders.lease_due(now, until, BATCH, most)
            if not found:
                return
            yield from found

    def finish(self, order: Order) -> Order:
        """The order confirmed, or pending when a step has to wait.

        Raises the refusal of an order that was rejected.
        """
        order = self.run(order)
        if order.refusal and order.step is Step.DONE:
            raise order.refusal
        return order

    def run(self, order: Order) -> Order:
        """The order at its end, or as far as it got."""
        asking = None
        try:
            while order.step is not Step.DONE:
                order, asking = self.advance(order, asking)
        except Unavailable as trouble:
            log.warning("%s waits to %s: %s", order.id, order.step, trouble.code)
            return self.postpone(order)
        return order

    def advance(
        self, order: Order, asking: Asking | None
    ) -> tuple[Order, Asking | None]:
        """Take the step that is next; the order as it is then, and what the step
        after it asks of the payment provider.
        """
        try:
            answer = self.take(order, asking or self.begin_payment(order))
        except Conflict as refusal:
            answer = Answer(refusal=refusal)
        if answer.refusal and order.step in COMPENSATING:
            log.error("%s cannot %s: %s", order.id, order.step, answer.refusal.code)
            raise service_unavailable()
        with self.store.transaction() as orders:
            ahead = self.keep(orders, order, answer)
            return ahead, self.begun(orders, ahead)

    def take(self, order: Order, asking: Asking | None) -> Answer:
        """Take the step that is next, which may have been taken before; says what
        became of the payment.
        """
        match order.step:
            case Step.RESERVE:
                self.products.reserve_stock(order_id=order.id, items=order.wanted)
            case Step.COMMIT:
                self.products.commit_stock(order_id=order.id)
            case Step.RELEASE:
                self.products.release_stock(order_id=order.id)
            case _:
                assert asking is not None  # noqa: S101
                return self.payments.ask(asking, order.payment_token)
        return Answer()

    def begin_payment(self, order: Order) -> Asking | None:
        """For an order that somebody else has left at this step."""
        if of_step(order) is None:
            return None
        with self.store.transaction() as orders:
            return self.begun(orders, order)

    def begun(self, orders: Any, order: Order) -> Asking | None:
        """Recorded with the step, so that who comes later knows of it."""
        wanted = of_step(order)
        return self.payments.begin(orders.payments, wanted) if wanted else None

    def keep(self, orders: Any, order: Order, answer: Answer) -> Order:
        """The order as it is stored: a step on, unless somebody was faster.

        The order is locked first and its payment second, here as everywhere.
        """
        now = self.clock.now()
        if answer.status or not answer.operations:
            ahead = self.stepped(order, answer, answer.status, now)
            if self.step_on(orders, order, ahead, now):
                self.payments.note(orders.payments, answer)
                return ahead
        stored: Order = orders.get(order.id)
        payment = self.payments.note(orders.payments, answer)
        if stored.step is not order.step:
            return stored
        ahead = self.stepped(stored, answer, payment, now)
        self.step_on(orders, stored, ahead, now)
        return ahead

    def stepped(
        self,
        order: Order,
        answer: Answer,
        payment: PaymentStatus | None,
        now: datetime,
    ) -> Order:
        ahead = replace(order, resume_at=now + self.pace.lease)
        if answer.refusal:
            ahead.give_up(why(answer.refusal))
        else:
            ahead.go_on(payment)
        return ahead

    def step_on(self, orders: Any, before: Order, ahead: Order, now: datetime) -> bool:
        if not orders.step_on(before, ahead, now):
            return False
        if ahead.step is Step.DONE:
            orders.answer(ahead.id, answer_of(ahead))
        return True

    def postpone(self, order: Order) -> Order:
        now = self.clock.now()
        with self.store.transaction() as orders:
            stored: Order = orders.get(order.id)
            if stored.step is order.step:
                stored.wait(now, *self.pace.pauses)
                orders.save(stored, now)
        return stored


def why(refusal: Conflict) -> Conflict:
    """What the customer hears of it."""
    if refusal.code == "reservation_released":
        return errors.checkout_timed_out()
    return refusal


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
