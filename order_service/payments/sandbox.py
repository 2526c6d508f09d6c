"""The built-in test provider: its tokens decide, its ledger remembers."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from common.ids import new_id
from order_service.domain import errors
from order_service.domain.payment import Event, Kind, Operation, Payment, Undone
from order_service.domain.sandbox import Answer, decline_reason, sandbox_answer
from order_service.payments.keys import operation
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
        answer, charge_id = told(token, 1)
        if charge_id:
            with self.transaction() as session:
                if SandboxLedger(session).authorise(operation, charge_id):
                    return answer, charge_id
        with self.transaction() as session:
            ledger = SandboxLedger(session)
            if not ledger.is_first(operation.key, answer, charge_id):
                known = ledger.request(operation.key)
                if known.answer not in AGAIN:
                    return Answer(known.answer), known.charge_id
                known.attempts += 1
                answer, charge_id = told(token, known.attempts)
                known.answer, known.charge_id = answer.value, charge_id
            if charge_id:
                ledger.charge(charge_id, operation)
        return answer, charge_id

    def capture(self, payment: Payment, operation: Operation) -> str:
        def take(charge: SandboxChargeRow) -> None:
            if charge.voided or charge.amount_minor < operation.amount.amount:
                raise errors.payment_declined("voided" if charge.voided else "too_much")
            charge.captured_minor = operation.amount.amount

        with self.transaction() as session:
            ledger = SandboxLedger(session)
            if charge_id := ledger.capture(operation, authorising(payment)):
                return charge_id
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
            charge = ledger.charge_under(authorising(payment))
            if charge is None:
                raise errors.payment_declined("not_authorised")
            if ledger.is_first(operation.key, Answer.AUTHORISED, charge.id):
                work(charge)
            return charge.id

    def void(self, payment: Payment, operation: Operation) -> Undone:
        with self.transaction() as session:
            ledger = SandboxLedger(session)
            # A request that is still on its way to us finds its answer here.
            if ledger.is_first(authorising(payment), Answer.VOIDED):
                return Undone(None)
            authorised = ledger.request(authorising(payment))
            if authorised.answer in AGAIN:
                authorised.answer = Answer.VOIDED.value
            charge = ledger.charge_under(authorised.key)
            if charge is None:
                return Undone(None)
            charge.refunded_minor = charge.captured_minor
            charge.voided = not charge.captured_minor
            return Undone(charge.id, refunded=not charge.voided)

    def read(self, payload: str, signature: str) -> Event:
        raise errors.no_payment_events()


def authorising(payment: Payment) -> str:
    """The key under which it was asked for."""
    return operation(payment.order_id, Kind.AUTHORISE, payment.amount).key


def told(token: str, attempt: int) -> tuple[Answer, str | None]:
    """How it answers, and the charge that it makes."""
    answer = sandbox_answer(token, attempt)
    return answer, new_id() if answer is Answer.AUTHORISED else None
