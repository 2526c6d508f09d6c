"""The payment port: every operation is recorded before it is asked for, and after.

So whatever a crash leaves between the two is asked again under the same key, and a
provider that tells us by other ways than its answer is believed as well.  Whoever
asks has its own reasons to write before and after, and records in its transactions.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from common import tracing
from common.errors import Conflict
from order_service.domain import errors
from order_service.domain.payment import (
    Adapter,
    Answer,
    Asking,
    Kind,
    Operation,
    Outcome,
    Payment,
    PaymentStatus,
    Undone,
)
from order_service.payments.keys import operation
from order_service.storage.payments import PaymentRepository

# What a payment is once this has been done; a void may have to give back.
DONE = {
    Kind.AUTHORISE: PaymentStatus.AUTHORISED,
    Kind.CAPTURE: PaymentStatus.CAPTURED,
}


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

    def begin(self, payments: PaymentRepository, wanted: Operation) -> Asking:
        # Nearly always that is the first that is asked of a payment.
        is_first = wanted.kind is Kind.AUTHORISE
        find = payments.made if is_first else payments.open
        payment = find(wanted, self.adapter.name)
        known = payment.begin(wanted)
        payments.save(payment)
        return Asking(payment, known)

    def ask(self, asking: Asking, token: str | None = None) -> Answer:
        known = asking.operation
        if known.outcome is Outcome.DECLINED:
            refusal = errors.payment_declined(known.reason or "declined")
            return Answer((), asking.payment.status, refusal)
        if known.outcome is Outcome.DONE:
            return Answer((), asking.payment.status)
        if known.kind is Kind.VOID:
            return self.undo(asking.payment, known)
        return self.move(asking.payment, known, token)

    def move(self, payment: Payment, known: Operation, token: str | None) -> Answer:
        verbs: dict[Kind, Callable[[], str]] = {
            Kind.AUTHORISE: lambda: self.adapter.authorise(payment, known, token or ""),
            Kind.CAPTURE: lambda: self.adapter.capture(payment, known),
            Kind.REFUND: lambda: self.adapter.refund(payment, known),
        }
        try:
            # A provider would decline to move nothing at all.
            moves = known.amount.amount
            reference = self.reached(known, verbs[known.kind]) if moves else None
        except Conflict as refusal:
            reason = refusal.details.get("payment", "declined")
            declined = replace(known, outcome=Outcome.DECLINED, reason=reason)
            return Answer((declined,), payment.status, refusal)
        return Answer((ended_well(known, reference),), DONE.get(known.kind))

    def undo(self, payment: Payment, known: Operation) -> Answer:
        # Who never asked for a payment cannot ask any more, now that this is known.
        undone = Undone(None)
        if payment.asked and payment.amount.amount:
            undone = self.reached(known, lambda: self.adapter.void(payment, known))
        return Answer(tuple(undoing(payment, known, undone)))

    def reached(self, known: Operation, call: Callable[[], Any]) -> Any:
        described = {"shopnow.payment.provider": self.adapter.name}
        name = f"payment {known.kind}"
        with tracing.span(name, tracing.Kind.CLIENT, described):
            self.reach()
            return call()

    def note(self, payments: PaymentRepository, answer: Answer) -> PaymentStatus | None:
        """Record what the provider said; what the payment is by now."""
        if not answer.operations:
            return answer.status
        payment = payments.open(answer.operations[0], self.adapter.name)
        for each in answer.operations:
            payment.note(each)
        payments.save(payment)
        return payment.status

    def settle(
        self, wanted: Operation, token: str | None = None
    ) -> PaymentStatus | None:
        """All of it, for who has nothing else to write; raises its refusal."""
        with self.transaction() as session:
            asking = self.begin(PaymentRepository(session), wanted)
        answer = self.ask(asking, token)
        with self.transaction() as session:
            status = self.note(PaymentRepository(session), answer)
        if answer.refusal:
            raise answer.refusal
        return status

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
