"""The checkout saga: takes an order from its draft to its end.

The order is stored, with the step it is at, before anything remote happens,
and every step may be repeated; so a crash at any point loses nothing, and
whoever finds the order next, this worker or the timer, goes on from there.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from common.clock import Clock
from common.errors import Conflict, Unavailable, service_unavailable
from common.ids import new_id
from common.schemas import show
from order_service.catalogue import quotes
from order_service.domain import errors
from order_service.domain.order import MOST_ATTEMPTS, Order
from order_service.domain.payment import PaymentProvider, PaymentStatus
from order_service.domain.pricing import merged, must_cost, price_lines
from order_service.domain.steps import COMPENSATING, Outcome, Step, after
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
                number=orders.next_number(),
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
        try:
            while order.step is not Step.DONE:
                order = self.advance(order)
        except Unavailable as trouble:
            log.warning("%s waits to %s: %s", order.id, order.step, trouble.code)
            return self.postpone(order)
        return order

    def advance(self, order: Order) -> Order:
        try:
            payment = self.take(order)
        except Conflict as refusal:
            if order.step in COMPENSATING:
                log.error("%s cannot %s: %s", order.id, order.step, refusal.code)
                raise service_unavailable() from None
            reason = why(refusal)
            return self.record(order, lambda order: order.give_up(reason))
        return self.go_on(order, payment)

    def go_on(self, order: Order, payment: PaymentStatus | None) -> Order:
        """Most steps change nothing but which is next, so nothing else is read."""
        if after(order.step, Outcome.TAKEN) is not Step.DONE:
            ahead = replace(order, resume_at=self.clock.now() + self.pace.lease)
            ahead.go_on(payment)
            with self.store.transaction() as orders:
                if orders.step_on(order, ahead):
                    return ahead
        return self.record(order, lambda order: order.go_on(payment))

    def take(self, order: Order) -> PaymentStatus | None:
        """Take the step that is next, which may have been taken before; says what
        became of the payment.
        """
        match order.step:
            case Step.RESERVE:
                self.products.reserve_stock(order_id=order.id, items=order.wanted)
            case Step.AUTHORISE:
                token = order.payment_token
                self.payments.authorise(order.id, order.total, token)
                return PaymentStatus.AUTHORISED
            case Step.COMMIT:
                self.products.commit_stock(order_id=order.id)
            case Step.CAPTURE:
                self.payments.capture(order.id, order.total)
                return PaymentStatus.CAPTURED
            case Step.VOID:
                return self.payments.void(order.id)
            case Step.RELEASE:
                self.products.release_stock(order_id=order.id)
        return None

    def postpone(self, order: Order) -> Order:
        now = self.clock.now()
        return self.record(order, lambda order: order.wait(now, *self.pace.pauses))

    def record(self, order: Order, change: Callable[[Order], None]) -> Order:
        """The order as it is stored: changed, unless somebody was faster."""
        now = self.clock.now()
        with self.store.transaction() as orders:
            stored: Order = orders.get(order.id)
            if stored.step is order.step:
                stored.resume_at = now + self.pace.lease
                change(stored)
                orders.save(stored, now)
                if stored.step is Step.DONE:
                    orders.answer(stored.id, answer_of(stored))
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
