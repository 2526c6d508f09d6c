"""An order, and what may happen to it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import add
from typing import Any

from common.errors import Conflict
from common.money import Money
from order_service.domain import errors, ledger
from order_service.domain.events import OrderConfirmed, OrderRejected

MOST_ATTEMPTS = 5


class Status(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class Step(StrEnum):
    """What a pending order has to do next."""

    CHECKOUT = "checkout"
    COMPENSATE = "compensate"
    DONE = "done"


class PaymentStatus(StrEnum):
    PENDING = "pending"
    CAPTURED = "captured"
    VOIDED = "voided"


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
    status: str = "pending"
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
    step: Step = Step.CHECKOUT
    payment_status: PaymentStatus = PaymentStatus.PENDING
    attempts: int = 0
    refusal: Conflict | None = None
    version: int = 1
    events: list = field(default_factory=list, repr=False, compare=False)
    postings: list = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def place(
        cls, lines: tuple[Line, ...], ids: Iterator[str], **facts: Any
    ) -> "Order":
        """A new order, in one part per seller; ``ids`` gives their identities."""
        sellers = dict.fromkeys(line.seller_id for line in lines)
        parts = tuple(Fulfilment(next(ids), seller_id) for seller_id in sellers)
        return cls(items=lines, fulfilments=parts, **facts)

    @property
    def total(self) -> Money:
        return total_of(self.items)

    @property
    def wanted(self) -> list[dict]:
        return [
            {"product_id": line.product_id, "quantity": line.quantity}
            for line in self.items
        ]

    def items_of(self, seller_id: str) -> list[Line]:
        return [line for line in self.items if line.seller_id == seller_id]

    def confirm(self) -> None:
        """Stock is held and the money is ours.

        Nothing happens to an order that is confirmed already, nor to one that
        was given up meanwhile: it is compensated instead.
        """
        if self.step is not Step.CHECKOUT:
            return
        self.status, self.step = Status.CONFIRMED, Step.DONE
        self.payment_status = PaymentStatus.CAPTURED
        self.version += 1
        self.events.append(self.confirmation())
        self.postings.append(ledger.sale(self))

    def confirmation(self) -> OrderConfirmed:
        bought = [
            {"title": line.title, "unit_price": line.unit_price, **piece}
            for line, piece in zip(self.items, self.wanted, strict=True)
        ]
        return OrderConfirmed(
            self.id, self.customer_id, self.number, bought, self.total
        )

    def give_up(self, refusal: Conflict) -> None:
        """Stop trying; what was held and charged has to be undone first."""
        if self.step is Step.CHECKOUT:
            self.step, self.refusal = Step.COMPENSATE, refusal

    def reject(self) -> None:
        """Everything is undone."""
        if self.step is not Step.COMPENSATE:
            return
        self.status, self.step = Status.REJECTED, Step.DONE
        self.payment_status = PaymentStatus.VOIDED
        self.version += 1
        reason = (self.refusal or errors.checkout_timed_out()).code
        self.events.append(OrderRejected(self.id, self.customer_id, reason))

    @property
    def settled(self) -> bool:
        """Whether asking again cannot change the answer.

        A shelf is filled again and a dependency comes back, so those refusals
        are worth another try under the same Idempotency-Key.
        """
        declined = self.refusal is not None and self.refusal.code == "payment_declined"
        return self.status is Status.CONFIRMED or declined

    def wait(self, now: datetime, pause: timedelta) -> None:
        """Be tried again after a pause that grows with the tries."""
        self.resume_at = now + pause * (self.attempts + 1)

    def lease(self, until: datetime) -> None:
        """Try again, alone until then; after too many tries, give up."""
        self.attempts += 1
        self.resume_at = until
        if self.attempts > MOST_ATTEMPTS:
            self.give_up(errors.checkout_timed_out())


def total_of(items: Iterable[Line]) -> Money:
    return reduce(add, (line.line_total for line in items))
