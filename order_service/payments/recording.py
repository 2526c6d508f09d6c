"""The payment port: every operation is recorded before it is asked for, and after.

So whatever a crash leaves between the two is asked again under the same key, and a
provider that tells us by other ways than its answer is believed as well.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from common import tracing
from common.errors import Conflict
from common.money import Money
from order_service.domain import errors
from order_service.domain.payment import (
    Adapter,
    Kind,
    Operation,
    Outcome,
    Payment,
    PaymentStatus,
    Undone,
)
from order_service.payments.keys import operation, refund_of
from order_service.storage.payments import PaymentRepository

NOTHING = Money(0, "GBP")


class RecordedPayments:
    """``order_service.domain.payment.PaymentProvider`` over any adapter."""

    def __init__(
        self,
        adapter: Adapter,
        transaction: Callable[[], AbstractContextManager[Any]],
        reach: Callable[[], Any] = lambda: None,
    ) -> None:
        """``reach`` is called before the provider is; it may raise."""
        self.adapter, self.transaction, self.reach = adapter, transaction, reach

    def authorise(self, order_id: str, amount: Money, token: str) -> None:
        wanted = operation(order_id, Kind.AUTHORISE, amount)
        payment, known = self.begin(wanted)
        self.ask(known, lambda: self.adapter.authorise(payment, known, token))

    def capture(self, order_id: str, amount: Money) -> None:
        payment, known = self.begin(operation(order_id, Kind.CAPTURE, amount))
        self.ask(known, lambda: self.adapter.capture(payment, known))

    def refund(self, order_id: str, refund_id: str, amount: Money) -> None:
        payment, known = self.begin(refund_of(refund_id, order_id, amount))
        self.ask(known, lambda: self.adapter.refund(payment, known))

    def void(self, order_id: str) -> PaymentStatus:
        payment, known = self.begin(operation(order_id, Kind.VOID, NOTHING))
        if known.outcome is Outcome.DONE:
            return payment.status
        # Who never asked for a payment cannot ask any more, now that this is known.
        asked = payment.asked and payment.amount.amount
        undone = self.undone(payment, known) if asked else Undone(None)
        return self.note(*undoing(payment, known, undone)).status

    def undone(self, payment: Payment, known: Operation) -> Undone:
        with self.traced(known):
            self.reach()
            return self.adapter.void(payment, known)

    def reached(self, known: Operation, call: Callable[[], str]) -> str:
        with self.traced(known):
            self.reach()
            return call()

    def traced(self, known: Operation) -> tracing.Span:
        described = {"shopnow.payment.provider": self.adapter.name}
        return tracing.span(f"payment {known.kind}", tracing.Kind.CLIENT, described)

    def begin(self, wanted: Operation) -> tuple[Payment, Operation]:
        """The payment, and the operation as it is recorded by now."""
        with self.transaction() as session:
            payments = PaymentRepository(session)
            payment = payments.open(wanted.order_id, self.adapter.name, wanted.amount)
            known = payment.begin(wanted)
            payments.save(payment)
        return payment, known

    def ask(self, known: Operation, call: Callable[[], str]) -> None:
        if known.outcome is Outcome.DECLINED:
            raise errors.payment_declined(known.reason or "declined")
        if known.outcome is Outcome.DONE:
            return
        try:
            # A provider would decline to move nothing at all.
            reference = self.reached(known, call) if known.amount.amount else None
        except Conflict as refusal:
            reason = refusal.details.get("payment", "declined")
            self.note(replace(known, outcome=Outcome.DECLINED, reason=reason))
            raise
        self.note(ended_well(known, reference))

    def hear(self, payload: str, signature: str) -> None:
        """What the provider tells by itself: once, and before or after its answer.

        Raises for what it did not tell.
        """
        event = self.adapter.read(payload, signature)
        with self.transaction() as session:
            payments = PaymentRepository(session)
            known = event.operation
            if not payments.is_news(event.id, event.type) or known is None:
                return
            if payment := payments.find(known.order_id):
                payment.note(known)
                payments.save(payment)

    def note(self, *known: Operation) -> Payment:
        """Record what the provider said, be it in its answer or in an event."""
        order_id = known[0].order_id
        with self.transaction() as session:
            payments = PaymentRepository(session)
            payment = payments.open(order_id, self.adapter.name, known[0].amount)
            for each in known:
                payment.note(each)
            payments.save(payment)
        return payment


def undoing(payment: Payment, void: Operation, undone: Undone) -> list[Operation]:
    """What a void comes to: that alone, or all that was taken and is given back."""
    ended = [ended_well(void, undone.reference)]
    if undone.refunded:
        for kind in (Kind.CAPTURE, Kind.REFUND):
            found = operation(payment.order_id, kind, payment.amount)
            ended.append(ended_well(found, undone.reference))
    return ended


def ended_well(operation: Operation, reference: str | None) -> Operation:
    return replace(operation, outcome=Outcome.DONE, reference=reference)
