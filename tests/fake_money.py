"""The books in memory.  tests/contract keeps them honest."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from order_service.domain import balance, commission, payouts
from order_service.domain.commission import Rule, Scope
from order_service.domain.ledger import Account, Entry, Kind, Posting
from order_service.domain.order import Order

CURRENCY = "GBP"


@dataclass(frozen=True)
class Posted:
    posting: Posting
    entry: Entry
    at: datetime


class FakeLedger:
    """``LedgerRepository`` without a database."""

    def __init__(self) -> None:
        self.rows: list[Posted] = []
        self.entries: dict[tuple[str, int], Entry] = {}

    def post(self, postings: Iterable[Posting], now: datetime) -> None:
        for posting in postings:
            assert (posting.id, 0) not in self.entries, posting
            for place, entry in enumerate(posting.entries):
                self.entries[posting.id, place] = entry
                self.rows.append(Posted(posting, entry, now))

    def of_order(self, order_id: str) -> list[Entry]:
        return [row.entry for row in self.rows if row.posting.order_id == order_id]

    def of_seller(self, seller_id: str) -> list[Posted]:
        return [row for row in self.rows if row.entry.seller_id == seller_id]

    def balance(self, seller_id: str) -> balance.Balance:
        theirs = self.of_seller(seller_id)
        sums = [
            (row.posting.kind, row.entry.account, row.entry.amount) for row in theirs
        ]
        return balance.balance(sums, CURRENCY)

    def owed(self, until: datetime) -> list[payouts.Owed]:
        payable = [
            row for row in self.rows if row.entry.account is Account.SELLER_PAYABLE
        ]
        sellers = sorted({row.entry.seller_id or "" for row in payable})
        return [self.owed_to(seller_id, payable, until) for seller_id in sellers]

    def owed_to(
        self, seller_id: str, payable: list[Posted], until: datetime
    ) -> payouts.Owed:
        theirs = [row for row in payable if row.entry.seller_id == seller_id]
        then = [
            row for row in theirs if row.at < until or row.posting.kind is Kind.PAYOUT
        ]
        return payouts.Owed(seller_id, CURRENCY, owed(then), owed(theirs))


def owed(rows: Iterable[Posted]) -> int:
    return -sum(row.entry.amount for row in rows)


class FakePayouts:
    """``PayoutRepository`` without a database."""

    def __init__(self, ledger: FakeLedger) -> None:
        self.ledger, self.batches = ledger, []

    def run(
        self, ids: Iterator[str], until: datetime, now: datetime
    ) -> payouts.Batch | None:
        batch = payouts.batch(self.ledger.owed(until), ids, until, now)
        if batch:
            self.batches.append(batch)
            self.ledger.post([one.posting for one in batch.payouts], now)
        return batch

    def list(self, most: int | None = None) -> list[payouts.Batch]:
        return self.batches[::-1][:most]


class FakeCommissions:
    """``CommissionRepository`` without a database."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def add(self, rule: Rule) -> None:
        self.rules.append(rule)

    def rates(self, quotes: Iterable[Mapping]) -> dict[Scope, int]:
        sellers = {None, *(quote["seller_id"] for quote in quotes)}
        named = {one for quote in quotes for one in quote["categories"]}
        return commission.rates(
            rule
            for rule in self.rules
            if rule.seller_id in sellers and rule.category in {None, *named}
        )


class FakeBooks:
    """All of them, and the orders; they are as quick as a history needs them."""

    def __init__(self) -> None:
        self.ledger, self.commissions = FakeLedger(), FakeCommissions()
        self.payouts = FakePayouts(self.ledger)
        self.orders: dict[str, Order] = {}

    @contextmanager
    def transaction(self) -> Iterator["FakeBooks"]:
        yield self

    def add(self, order: Order, *_: object) -> None:
        self.orders[order.id] = order

    def get(self, order_id: str) -> Order:
        return self.orders[order_id]

    def save(self, order: Order, now: datetime) -> None:
        while order.postings:
            posting = order.postings.pop(0).written(self.ledger.of_order)
            self.ledger.post([posting], now)

    def posted(self) -> dict[tuple[str, int], Entry]:
        return dict(self.ledger.entries)
