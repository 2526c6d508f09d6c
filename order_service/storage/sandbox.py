"""The sandbox payment provider: its tokens decide, its ledger remembers."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nameko.containers import WorkerContext
from sqlalchemy.orm import Session

from common.database import PostgresStore, transaction
from common.money import Money
from order_service.domain import errors
from order_service.domain.payment import Outcome, decline_reason, sandbox_outcome
from order_service.storage import rows
from order_service.storage.models import OrderBase, SandboxChargeRow

PATIENCE_SECONDS = 1.5


class Payments(PostgresStore):
    """The shop's payment provider; the sandbox is the only one yet."""

    def __init__(self) -> None:
        super().__init__(OrderBase)

    def get_dependency(self, worker_ctx: WorkerContext) -> "SandboxProvider":
        return SandboxProvider(super().get_dependency(worker_ctx))


class SandboxProvider:
    """``order_service.domain.payment.PaymentProvider`` without any money."""

    def __init__(self, database: Any) -> None:
        self.database = database

    def charge(self, order_id: str, amount: Money, token: str) -> None:
        outcome = self.attempt(order_id, amount, token)
        if outcome is Outcome.SILENT:
            time.sleep(PATIENCE_SECONDS)  # as long as we would wait for an answer
        if outcome in (Outcome.SILENT, Outcome.FAILED):
            raise errors.payment_unavailable()
        if outcome is not Outcome.CAPTURED:
            raise errors.payment_declined(decline_reason(token))

    def attempt(self, order_id: str, amount: Money, token: str) -> Outcome:
        with self.charge_of(order_id, amount) as charge:
            if charge.outcome in (Outcome.FAILED, Outcome.SILENT):
                charge.attempts += 1
                charge.outcome = sandbox_outcome(token, charge.attempts).value
            return Outcome(charge.outcome)

    def void(self, order_id: str) -> None:
        with self.charge_of(order_id, Money(0, "GBP")) as charge:
            if charge.outcome != Outcome.DECLINED:
                charge.outcome = Outcome.VOIDED.value

    @contextmanager
    def charge_of(self, order_id: str, amount: Money) -> Iterator[SandboxChargeRow]:
        with transaction(self.database) as session:
            yield locked_charge(session, order_id, amount)


def locked_charge(session: Session, order_id: str, amount: Money) -> SandboxChargeRow:
    fresh = {
        "order_id": order_id,
        "amount_minor": amount.amount,
        "currency": amount.currency,
        "outcome": Outcome.FAILED.value,
        "attempts": 0,
    }
    session.execute(rows.insert_once(SandboxChargeRow, fresh))
    return session.get_one(SandboxChargeRow, order_id, with_for_update=True)
