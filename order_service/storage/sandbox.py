"""The ledger of the sandbox: whom it charged, and what it answered under which key."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.ids import new_id
from common.money import Money
from order_service.storage import rows
from order_service.storage.models import SandboxChargeRow, SandboxRequestRow


class SandboxLedger:
    def __init__(self, session: Session) -> None:
        self.session = session

    def request(self, key: str, answer: str) -> SandboxRequestRow:
        """What is known under this key, ``answer`` if it is new; locked."""
        fresh = {"key": key, "charge_id": None, "answer": answer, "attempts": 0}
        self.session.execute(rows.insert_once(SandboxRequestRow, fresh))
        return self.session.get_one(SandboxRequestRow, key, with_for_update=True)

    def charge(self, order_id: str, amount: Money) -> SandboxChargeRow:
        """A new charge: only its authorisation yet."""
        row = SandboxChargeRow(
            id=new_id(),
            order_id=order_id,
            amount_minor=amount.amount,
            currency=amount.currency,
            captured_minor=0,
            refunded_minor=0,
            voided=False,
        )
        self.session.add(row)
        return row

    def charge_of(self, charge_id: str) -> SandboxChargeRow:
        return self.session.scalars(
            select(SandboxChargeRow).filter_by(id=charge_id).with_for_update()
        ).one()
