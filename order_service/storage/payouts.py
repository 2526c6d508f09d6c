"""Where the batches of payouts live."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from common.money import Money
from order_service.domain import payouts
from order_service.domain.payouts import Batch, Payout
from order_service.storage.ledger import LedgerRepository
from order_service.storage.models import PayoutBatchRow, PayoutRow

# Two batches at once would both pay what is owed.
PAYOUT_LOCK = 0xBA7C4


class PayoutRepository:
    def __init__(self, session: Session) -> None:
        self.session, self.ledger = session, LedgerRepository(session)

    def run(self, ids: Iterator[str], until: datetime, now: datetime) -> Batch | None:
        """Pay what is owed, and close the batch; whoever else pays is waited for."""
        self.session.execute(select(func.pg_advisory_xact_lock(PAYOUT_LOCK)))
        batch = payouts.batch(self.ledger.owed(until), ids, until, now)
        if batch:
            self.keep(batch)
            self.ledger.post([payout.posting for payout in batch.payouts], now)
        return batch

    def keep(self, batch: Batch) -> None:
        row = PayoutBatchRow
        fresh = {"id": batch.id, "until": batch.until}
        self.session.execute(insert(row).values(fresh))
        self.session.execute(
            insert(PayoutRow), [fields(batch.id, payout) for payout in batch.payouts]
        )
        self.session.execute(
            update(row).where(row.id == batch.id).values(closed_at=batch.closed_at)
        )

    def list(self, most: int | None = None) -> list[Batch]:
        """The newest first."""
        rows = select(PayoutBatchRow).order_by(PayoutBatchRow.id.desc()).limit(most)
        return [self.whole(row) for row in self.session.scalars(rows)]

    def find(self, batch_id: str) -> Batch | None:
        row = self.session.get(PayoutBatchRow, batch_id)
        return self.whole(row) if row else None

    def whole(self, row: PayoutBatchRow) -> Batch:
        paid = select(PayoutRow).filter_by(batch_id=row.id).order_by(PayoutRow.id)
        found = tuple(to_payout(payout) for payout in self.session.scalars(paid))
        return Batch(row.id, row.until, row.closed_at or row.until, found)


def fields(batch_id: str, payout: Payout) -> dict[str, object]:
    return {
        "id": payout.id,
        "batch_id": batch_id,
        "seller_id": payout.seller_id,
        "amount_minor": payout.amount.amount,
        "currency": payout.amount.currency,
    }


def to_payout(row: PayoutRow) -> Payout:
    return Payout(row.id, row.seller_id, Money(row.amount_minor, row.currency))
