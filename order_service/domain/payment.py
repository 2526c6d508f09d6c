"""The payment of an order: what is asked of a provider, and what it adds up to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from common.errors import Conflict
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


@dataclass(frozen=True)
class Asking:
    """An operation that is recorded, and the payment as it was then."""

    payment: Payment
    operation: Operation


@dataclass(frozen=True)
class Answer:
    """What a provider said, to be noted; ``refusal`` is for good.

    ``status`` is what the payment has become, where that needs no looking up.
    """

    operations: tuple[Operation, ...] = ()
    status: PaymentStatus | None = None
    refusal: Conflict | None = None


class PaymentProvider(Protocol):
    """The port to whoever moves the money, in three parts that may each be repeated.

    ``payments`` is where they are recorded, in a transaction of the caller.
    """

    def begin(self, payments: Any, wanted: Operation) -> Asking:
        """Record that it will be asked for, or find how it ended; raises
        ``payment_declined`` for what cannot be any more.
        """

    def ask(self, asking: Asking, token: str | None = None) -> Answer:
        """Have it done, once; raises ``payment_unavailable`` when nobody knows."""

    def note(self, payments: Any, answer: Answer) -> PaymentStatus | None:
        """Record what was said; what the payment is by now, if it was asked for."""

    def settle(
        self, wanted: Operation, token: str | None = None
    ) -> PaymentStatus | None:
        """The three in a row; raises what either of them does."""


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
