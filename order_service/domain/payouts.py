"""Paying the sellers, batch by batch.

What a batch paid stays paid.  A refund after it makes a seller's balance smaller,
even smaller than nothing, and the next batches pay that much less.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from common.money import Money
from order_service.domain import ledger


@dataclass(frozen=True)
class Owed:
    """What one seller was owed at some moment, of that what is paid out since
    is off, and what they are owed now; in minor units, below zero for a debt."""

    seller_id: str
    currency: str
    then: int
    now: int

    @property
    def due(self) -> Money:
        """Never more than is owed now, whatever went back since that moment."""
        return Money(max(0, min(self.then, self.now)), self.currency)


@dataclass(frozen=True)
class Payout:
    id: str
    seller_id: str
    amount: Money

    @property
    def posting(self) -> ledger.Posting:
        return ledger.payout(self.id, self.seller_id, self.amount)


@dataclass(frozen=True)
class Batch:
    """What all the sellers are paid for their sales ``until`` a moment."""

    id: str
    until: datetime
    closed_at: datetime
    payouts: tuple[Payout, ...]


def batch(
    owed: Iterable[Owed], ids: Iterator[str], until: datetime, now: datetime
) -> Batch | None:
    """A payout for each who is due one, at the most one batch; None for nobody."""
    due = [(one.seller_id, one.due) for one in owed if one.due.amount]
    if not due:
        return None
    batch_id = next(ids)
    payouts = tuple(Payout(next(ids), seller_id, money) for seller_id, money in due)
    return Batch(batch_id, until, now, payouts)
