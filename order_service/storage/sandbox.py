"""The ledger of the sandbox: whom it charged, and what it answered under which key."""

from typing import Any

from sqlalchemy import TextClause, bindparam, select, text
from sqlalchemy.orm import Session

from order_service.domain.payment import Operation
from order_service.domain.sandbox import Answer
from order_service.storage import rows
from order_service.storage.models import SandboxChargeRow, SandboxRequestRow

CHARGED = (
    select(SandboxChargeRow)
    .join(SandboxRequestRow, SandboxRequestRow.charge_id == SandboxChargeRow.id)
    .where(SandboxRequestRow.key == bindparam("its_key"))
    .with_for_update(of=SandboxChargeRow)
)


# As another company would: in transactions of its own, of one statement each.
AUTHORISE = text("""
WITH asked AS (
    INSERT INTO sandbox_requests (key, charge_id, answer, attempts)
    VALUES (:key, :charge_id, 'authorised', 1) ON CONFLICT DO NOTHING RETURNING 1
)
INSERT INTO sandbox_charges
    (id, order_id, amount_minor, currency, captured_minor, refunded_minor, voided)
SELECT :charge_id, :order_id, :amount, :currency, 0, 0, false FROM asked
RETURNING id
""")
CAPTURE = text("""
WITH charge AS (
    SELECT id FROM sandbox_charges
    WHERE id = (SELECT charge_id FROM sandbox_requests WHERE key = :authorised)
    AND NOT voided AND amount_minor >= :amount AND currency = :currency FOR UPDATE
), asked AS (
    INSERT INTO sandbox_requests (key, charge_id, answer, attempts)
    SELECT :key, id, 'authorised', 1 FROM charge ON CONFLICT DO NOTHING RETURNING 1
)
UPDATE sandbox_charges SET captured_minor = :amount
FROM charge, asked WHERE sandbox_charges.id = charge.id RETURNING charge.id
""")


class SandboxLedger:
    def __init__(self, session: Session) -> None:
        self.session = session

    def is_first(self, key: str, answer: Answer, charge_id: str | None = None) -> bool:
        """Whether nothing was asked under this key before; by now this is known."""
        row: dict[str, Any] = {"key": key, "charge_id": charge_id}
        row |= {"answer": answer.value, "attempts": 1}
        return self.session.scalar(rows.once(SandboxRequestRow), row) is not None

    def authorise(self, operation: Operation, charge_id: str) -> bool:
        """Whether it is the first request of its key, and so is charged now."""
        charge = {"charge_id": charge_id, "order_id": operation.order_id}
        return self.at_once(AUTHORISE, operation, charge) is not None

    def capture(self, operation: Operation, authorised: str) -> str | None:
        """The charge, if it is there and this is the first request of its key."""
        return self.at_once(CAPTURE, operation, {"authorised": authorised})

    def at_once(
        self, statement: TextClause, operation: Operation, more: dict[str, str]
    ) -> str | None:
        amount = operation.amount
        asked = {"amount": amount.amount, "currency": amount.currency}
        known = {"key": operation.key, **asked, **more}
        alone = {"isolation_level": "AUTOCOMMIT"}
        connection = self.session.connection(execution_options=alone)
        found: str | None = connection.execute(statement, known).scalar()
        return found

    def request(self, key: str) -> SandboxRequestRow:
        """What was asked under this key; locked."""
        return self.session.get_one(SandboxRequestRow, key, with_for_update=True)

    def charge(self, charge_id: str, operation: Operation) -> None:
        """A new charge: only its authorisation yet."""
        row = {
            "id": charge_id,
            "order_id": operation.order_id,
            "amount_minor": operation.amount.amount,
            "currency": operation.amount.currency,
            "captured_minor": 0,
            "refunded_minor": 0,
            "voided": False,
        }
        self.session.execute(rows.into(SandboxChargeRow), row)

    def charge_under(self, key: str) -> SandboxChargeRow | None:
        """What was charged when this was asked; locked."""
        return self.session.scalar(CHARGED, {"its_key": key})
