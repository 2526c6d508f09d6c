"""The ledger of the sandbox: whom it charged, and what it answered under which key."""

from typing import Any

from sqlalchemy import bindparam, select
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


class SandboxLedger:
    def __init__(self, session: Session) -> None:
        self.session = session

    def is_first(self, key: str, answer: Answer, charge_id: str | None = None) -> bool:
        """Whether nothing was asked under this key before; by now this is known."""
        row: dict[str, Any] = {"key": key, "charge_id": charge_id}
        row |= {"answer": answer.value, "attempts": 1}
        return self.session.scalar(rows.once(SandboxRequestRow), row) is not None

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
