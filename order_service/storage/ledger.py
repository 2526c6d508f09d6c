"""Where the books are kept."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from common.together import put
from order_service.domain.balance import Balance, balance
from order_service.domain.cart import CURRENCY
from order_service.domain.ledger import Account, Entry, Kind, Posting
from order_service.domain.payouts import Owed
from order_service.storage.models import LedgerEntryRow

TOTAL = func.sum(LedgerEntryRow.amount_minor)


class LedgerRepository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def post(self, postings: Iterable[Posting], now: datetime) -> None:
        """Keep them; what was posted before is an ``IntegrityError``."""
        put(self.session, {LedgerEntryRow: entries_of(postings, now)})

    def of_order(self, order_id: str) -> list[Entry]:
        """All entries of an order: its sale and its refunds."""
        found = select(LedgerEntryRow).filter_by(order_id=order_id)
        return [to_entry(row) for row in self.session.scalars(found)]

    def balance(self, seller_id: str) -> Balance:
        row = LedgerEntryRow
        theirs = select(row.kind, row.account, TOTAL).where(row.seller_id == seller_id)
        sums = theirs.group_by(row.kind, row.account)
        found = [
            (Kind(kind), Account(account), int(amount))
            for kind, account, amount in self.session.execute(sums)
        ]
        return balance(found, CURRENCY)

    def owed(self, until: datetime) -> list[Owed]:
        """Of each seller, what was owed for all before that, and what is now."""
        row = LedgerEntryRow
        then = TOTAL.filter((row.at < until) | (row.kind == Kind.PAYOUT.value))
        sums = (
            select(row.seller_id, row.currency, minor(then), minor(TOTAL))
            .where(row.account == Account.SELLER_PAYABLE.value)
            .group_by(row.seller_id, row.currency)
            .order_by(row.seller_id)
        )
        return [
            Owed(seller_id or "", currency, -int(then), -int(now))
            for seller_id, currency, then, now in self.session.execute(sums)
        ]


def entries_of(postings: Iterable[Posting], now: datetime) -> list[dict[str, Any]]:
    return [
        entry_fields(posting, place, entry) | {"at": now}
        for posting in postings
        for place, entry in enumerate(posting.entries)
    ]


def minor(total: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(total, 0)


def entry_fields(posting: Posting, place: int, entry: Entry) -> dict[str, Any]:
    return {
        "transaction_id": posting.id,
        "position": place,
        "kind": posting.kind.value,
        "account": entry.account.value,
        "amount_minor": entry.amount,
        "currency": posting.currency,
        "seller_id": entry.seller_id,
        "order_id": posting.order_id,
        "line": entry.line,
    }


def to_entry(row: LedgerEntryRow) -> Entry:
    return Entry(Account(row.account), row.amount_minor, row.seller_id, row.line)
