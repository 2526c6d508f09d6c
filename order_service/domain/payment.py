"""The payment of an order: what is asked of a provider, and what it adds up to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from common.money import Money
from order_service.domain import errors


class PaymentStatus(StrEnum):
    PENDING = "pending"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    VOIDED = "voided"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class Kind(StrEnum):
    AUTHORISE = "authorise"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class Outcome(StrEnum):
    """``begun`` is what may have reached the provider, and may not."""

    BEGUN = "begun"
    DONE = "done"
    DECLINED = "declined"


@dataclass
class Operation:
    """One thing asked of the provider, under a key that makes it happen once."""

    key: str
    order_id: str
    kind: Kind
    amount: Money
    outcome: Outcome = Outcome.BEGUN
    reference: str | None = None
    reason: str | None = None


@dataclass
class Payment:
    """Of one order.  What it is follows from its operations, in whichever order
    they became known.
    """

    order_id: str
    provider: str
    amount: Money
    operations: dict[str, Operation] = field(default_factory=dict)

    def begin(self, wanted: Operation) -> Operation:
        """The operation as it is known under its key, which it is from now on.

        Raises ``payment_declined`` for one that cannot be: nothing is taken of who
        was let go, and no more given back than was taken.
        """
        if wanted.key not in self.operations:
            self.must_allow(wanted)
            self.operations[wanted.key] = wanted
        return self.operations[wanted.key]

    def must_allow(self, wanted: Operation) -> None:
        taking = wanted.kind in (Kind.AUTHORISE, Kind.CAPTURE)
        if taking and any(self.of(Kind.VOID)):
            raise errors.payment_declined("voided")
        asked = self.sum(Kind.REFUND, Outcome.BEGUN) + self.refunded
        if wanted.kind is Kind.REFUND and self.captured < asked + wanted.amount.amount:
            raise errors.payment_declined("refund_too_large")

    def note(self, known: Operation) -> None:
        """What the provider said; the first word on an operation stands."""
        before = self.operations.setdefault(known.key, known)
        if before.outcome is Outcome.BEGUN:
            self.operations[known.key] = known

    def of(self, kind: Kind, *outcomes: Outcome) -> Iterable[Operation]:
        wanted = outcomes or tuple(Outcome)
        return (
            one
            for one in self.operations.values()
            if one.kind is kind and one.outcome in wanted
        )

    def sum(self, kind: Kind, outcome: Outcome) -> int:
        return sum(one.amount.amount for one in self.of(kind, outcome))

    @property
    def captured(self) -> int:
        return self.sum(Kind.CAPTURE, Outcome.DONE)

    @property
    def refunded(self) -> int:
        return self.sum(Kind.REFUND, Outcome.DONE)

    @property
    def reference(self) -> str | None:
        """The provider's name for it."""
        kinds = (Kind.AUTHORISE, Kind.CAPTURE, Kind.VOID)
        named = [one for kind in kinds for one in self.of(kind) if one.reference]
        return named[0].reference if named else None

    @property
    def asked(self) -> bool:
        """Whether the provider may know of it, and has not said no."""
        known = (Outcome.BEGUN, Outcome.DONE)
        taken = (Kind.AUTHORISE, Kind.CAPTURE)
        return any(one for kind in taken for one in self.of(kind, *known))

    @property
    def status(self) -> PaymentStatus:
        if self.captured and self.refunded:
            whole = self.refunded == self.captured
            partially = PaymentStatus.PARTIALLY_REFUNDED
            return PaymentStatus.REFUNDED if whole else partially
        if self.captured:
            return PaymentStatus.CAPTURED
        if any(self.of(Kind.VOID, Outcome.DONE)):
            return PaymentStatus.VOIDED
        if any(self.of(Kind.AUTHORISE, Outcome.DONE)):
            return PaymentStatus.AUTHORISED
        return PaymentStatus.PENDING


class PaymentProvider(Protocol):
    """The port to whoever moves the money.

    Every verb is idempotent, by the order or by the refund, and may be tried again;
    each raises ``payment_declined``, which is for good, or ``payment_unavailable``.
    """

    def authorise(self, order_id: str, amount: Money, token: str) -> None:
        """Have so much held for us."""

    def capture(self, order_id: str, amount: Money) -> None:
        """Take what was held."""

    def void(self, order_id: str) -> PaymentStatus:
        """Let go of what was held, give back what was taken; also of a payment
        that is still under way.  Says which of the two it was.
        """

    def refund(self, order_id: str, refund_id: str, amount: Money) -> None:
        """Give back part of what was taken."""


class Adapter(Protocol):
    """One way to move money, asked by ``order_service/payments`` alone.

    Each call has the key of its operation and gives the provider's reference.
    """

    name: str

    def authorise(self, payment: Payment, operation: Operation, token: str) -> str: ...

    def capture(self, payment: Payment, operation: Operation) -> str: ...

    def void(self, payment: Payment, operation: Operation) -> "Undone": ...

    def refund(self, payment: Payment, operation: Operation) -> str: ...

    def read(self, payload: str, signature: str) -> "Event":
        """What the provider says unasked; raises for what is not from there."""


@dataclass(frozen=True)
class Event:
    """``operation`` as it has become known, where it is one of ours."""

    id: str
    type: str
    operation: Operation | None


@dataclass(frozen=True)
class Undone:
    """``refunded`` where the money had been taken already."""

    reference: str | None
    refunded: bool = False
