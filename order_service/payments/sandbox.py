"""The built-in test provider: its tokens decide, its ledger remembers."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from order_service.domain import errors
from order_service.domain.payment import Event, Operation, Payment, Undone
from order_service.domain.sandbox import Answer, decline_reason, sandbox_answer
from order_service.storage.models import SandboxChargeRow
from order_service.storage.sandbox import SandboxLedger

AGAIN = (Answer.FAILED, Answer.SILENT)


class Sandbox:
    """``order_service.domain.payment.Adapter`` without any money."""

    name = "sandbox"

    def __init__(
        self,
        transaction: Callable[[], AbstractContextManager[Any]],
        seconds: Callable[[], float],
    ) -> None:
        self.transaction, self.seconds = transaction, seconds

    def authorise(self, payment: Payment, operation: Operation, token: str) -> str:
        answer, charge_id = self.attempt(operation, token)
        if answer is Answer.SILENT:
            time.sleep(self.seconds())  # as long as we would wait for an answer
        if answer in AGAIN:
            raise errors.payment_unavailable()
        if charge_id is None or answer is not Answer.AUTHORISED:
            raise errors.payment_declined(decline_reason(token))
        return charge_id

    def attempt(self, operation: Operation, token: str) -> tuple[Answer, str | None]:
        with self.transaction() as session:
            ledger = SandboxLedger(session)
            known = ledger.request(operation.key, Answer.FAILED)
            if known.answer in AGAIN:
                known.attempts += 1
                known.answer = sandbox_answer(token, known.attempts).value
                if known.answer == Answer.AUTHORISED:
                    charge = ledger.charge(operation.order_id, operation.amount)
                    known.charge_id = charge.id
            return Answer(known.answer), known.charge_id

    def capture(self, payment: Payment, operation: Operation) -> str:
        def take(charge: SandboxChargeRow) -> None:
            if charge.voided or charge.amount_minor < operation.amount.amount:
                raise errors.payment_declined("voided" if charge.voided else "too_much")
            charge.captured_minor = operation.amount.amount

        return self.change(payment, operation, take)

    def refund(self, payment: Payment, operation: Operation) -> str:
        def give_back(charge: SandboxChargeRow) -> None:
            left = charge.captured_minor - charge.refunded_minor
            if left < operation.amount.amount:
                raise errors.payment_declined("refund_too_large")
            charge.refunded_minor += operation.amount.amount

        return self.change(payment, operation, give_back)

    def change(
        self,
        payment: Payment,
        operation: Operation,
        work: Callable[[SandboxChargeRow], None],
    ) -> str:
        """Do it to the charge of the payment, once per key of the operation."""
        with self.transaction() as session:
            ledger = SandboxLedger(session)
            authorised = ledger.request(f"{payment.order_id}:authorise", Answer.FAILED)
            if authorised.charge_id is None:
                raise errors.payment_declined("not_authorised")
            known = ledger.request(operation.key, Answer.FAILED)
            if known.charge_id is None:
                work(ledger.charge_of(authorised.charge_id))
                known.charge_id = authorised.charge_id
                known.answer = Answer.AUTHORISED.value
            return authorised.charge_id

    def void(self, payment: Payment, operation: Operation) -> Undone:
        with self.transaction() as session:
            ledger = SandboxLedger(session)
            # A request that is still on its way to us finds its answer here.
            authorised = ledger.request(f"{payment.order_id}:authorise", Answer.VOIDED)
            if authorised.charge_id is None:
                if authorised.answer in AGAIN:
                    authorised.answer = Answer.VOIDED.value
                return Undone(None)
            charge = ledger.charge_of(authorised.charge_id)
            charge.refunded_minor = charge.captured_minor
            charge.voided = not charge.captured_minor
            return Undone(charge.id, refunded=not charge.voided)

    def read(self, payload: str, signature: str) -> Event:
        raise errors.no_payment_events()
