"""An order, and what may happen to it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import reduce
from operator import add
from typing import Any

from common.errors import Conflict
from common.money import Money
from order_service.domain import errors, ledger
from order_service.domain.events import OrderConfirmed, OrderRejected
from order_service.domain.history import SYSTEM, Actor, Entry
from order_service.domain.payment import PaymentStatus
from order_service.domain.refund import Refund
from order_service.domain.states import ORDER, PART, PartStatus, Status, moved
from order_service.domain.steps import COMPENSATING, FORWARD, Outcome, Step, after

MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class Line:
    product_id: str
    seller_id: str
    sku: str
    title: str
    quantity: int
    unit_price: Money
    category: str | None = None
    # What the marketplace takes, as agreed at the moment of sale.
    commission_bp: int = 0
    commission_minor: int = 0

    @property
    def line_total(self) -> Money:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class Fulfilment:
    """The part of an order that one seller sends."""

    id: str
    seller_id: str
    status: PartStatus = PartStatus.PENDING
    tracking_number: str | None = None


@dataclass
class Order:
    id: str
    number: str
    customer_id: str
    items: tuple[Line, ...]
    fulfilments: tuple[Fulfilment, ...]
    shipping_address: dict
    payment_token: str
    from_cart: bool
    placed_at: datetime
    resume_at: datetime
    status: Status = Status.PENDING
    step: Step = Step.RESERVE
    payment_status: PaymentStatus = PaymentStatus.PENDING
    attempts: int = 0
    refusal: Conflict | None = None
    version: int = 1
    refunds: tuple[Refund, ...] = ()
    events: list = field(default_factory=list, repr=False, compare=False)
    postings: list = field(default_factory=list, repr=False, compare=False)
    happened: list[Entry] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def place(
        cls, lines: tuple[Line, ...], ids: Iterator[str], **facts: Any
    ) -> "Order":
        """A new order, in one part per seller; ``ids`` gives their identities."""
        sellers = dict.fromkeys(line.seller_id for line in lines)
        parts = tuple(Fulfilment(next(ids), seller_id) for seller_id in sellers)
        order = cls(items=lines, fulfilments=parts, **facts)
        order.note("order.placed", Actor("customer", order.customer_id))
        return order

    @property
    def total(self) -> Money:
        return total_of(self.items)

    @property
    def wanted(self) -> list[dict]:
        return [
            {"product_id": line.product_id, "quantity": line.quantity}
            for line in self.items
        ]

    @property
    def items_by_seller(self) -> dict[str, list[Line]]:
        """In one pass, as an order may have many lines of many sellers."""
        by_seller: dict[str, list[Line]] = defaultdict(list)
        for line in self.items:
            by_seller[line.seller_id].append(line)
        return by_seller

    def items_of(self, seller_id: str) -> list[Line]:
        return [line for line in self.items if line.seller_id == seller_id]

    def go_on(self, payment: PaymentStatus | None = None) -> None:
        """The step that was next is taken; ``payment`` is what became of it."""
        following = after(self.step, Outcome.TAKEN)
        if payment and payment is not self.payment_status:
            self.payment_status = payment
            self.version += 1
        if following is not Step.DONE:
            self.step = following
        elif self.step is Step.CAPTURE:
            self.confirm()
        else:
            self.reject()

    @property
    def left(self) -> Money:
        """What was paid and is not owed back, nor gone back already."""
        back = sum(refund.amount.amount for refund in self.refunds)
        return Money(self.total.amount - back, self.total.currency)

    @property
    def kept(self) -> dict[str, int]:
        """How many pieces of which product did not come back."""
        kept: Counter[str] = Counter()
        for line in self.items:
            kept[line.product_id] += line.quantity
        for refund in self.refunds:
            kept.subtract(refund.returned)
        return dict(+kept)

    def refund_of(self, refund_id: str) -> Refund:
        return next(one for one in self.refunds if one.id == refund_id)

    def move(self, verb: str) -> bool:
        """Be where ``verb`` leads; False when it is there already."""
        before, self.status = self.status, moved(ORDER, verb, self.status)
        return self.status is not before

    def call_off_parts(self) -> None:
        """What was not sent yet is not to be sent."""
        self.fulfilments = tuple(
            replace(part, status=moved(PART, "cancel", part.status))
            if part.status is PartStatus.PENDING
            else part
            for part in self.fulfilments
        )

    def note(self, event: str, by: Actor, **details: Any) -> None:
        """For the history of the order."""
        self.happened.append(Entry(event, by, details))

    def confirm(self) -> None:
        """Stock is held and the money is ours.

        Nothing happens to an order that is confirmed already, nor to one that
        was given up meanwhile: it is compensated instead.
        """
        if self.step not in FORWARD:
            return
        self.move("confirm")
        self.step, self.payment_status = Step.DONE, PaymentStatus.CAPTURED
        self.version += 1
        self.events.append(self.confirmation())
        self.postings.append(ledger.sale(self))
        self.note("order.confirmed", SYSTEM)

    def confirmation(self) -> OrderConfirmed:
        bought = [
            {
                "seller_id": line.seller_id,
                "title": line.title,
                "unit_price": line.unit_price,
                **piece,
            }
            for line, piece in zip(self.items, self.wanted, strict=True)
        ]
        return OrderConfirmed(
            self.id, self.customer_id, self.number, bought, self.total
        )

    def give_up(self, refusal: Conflict) -> None:
        """Stop trying; what was held and charged has to be undone first."""
        self.step, self.refusal = after(self.step, Outcome.REFUSED), refusal

    def reject(self) -> None:
        """Everything is undone."""
        if self.step not in COMPENSATING:
            return
        self.move("reject")
        self.step = Step.DONE
        if self.payment_status is not PaymentStatus.REFUNDED:
            self.payment_status = PaymentStatus.VOIDED
        self.call_off_parts()
        self.version += 1
        reason = (self.refusal or errors.checkout_timed_out()).code
        self.events.append(OrderRejected(self.id, self.customer_id, reason))
        self.note("order.rejected", SYSTEM, reason=reason)

    @property
    def settled(self) -> bool:
        """Whether asking again cannot change the answer.

        A shelf is filled again and a dependency comes back, so those refusals
        are worth another try under the same Idempotency-Key.
        """
        declined = self.refusal is not None and self.refusal.code == "payment_declined"
        return self.status not in (Status.PENDING, Status.REJECTED) or declined

    def wait(self, now: datetime, pause: timedelta, longest: timedelta) -> None:
        """Be tried again after a pause that grows with the tries."""
        self.resume_at = now + min(pause * (self.attempts + 1), longest)

    def lease(self, until: datetime, most_attempts: int = MOST_ATTEMPTS) -> None:
        """Try again, alone until then; after too many tries, give up."""
        self.attempts += 1
        self.resume_at = until
        if self.attempts > most_attempts and self.step in FORWARD:
            self.give_up(errors.checkout_timed_out())


def total_of(items: Iterable[Line]) -> Money:
    return reduce(add, (line.line_total for line in items))
