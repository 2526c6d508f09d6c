"""Lives of a marketplace, written in bytes: what is bought, refunded and paid out.

Each act reads the numbers it needs from the bytes, so that whatever Hypothesis
thinks up is a history, and a shorter one is a simpler one.  What must come out is
reckoned beside the books, from what customers paid and got back alone.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from common.ids import new_id
from common.money import Money
from order_service.domain import giving_back
from order_service.domain.cancelling import cancel
from order_service.domain.commission import Rule, commission_of
from order_service.domain.history import Actor
from order_service.domain.ledger import Account
from order_service.domain.order import Line, Order
from order_service.domain.payouts import Batch
from order_service.domain.pricing import price_lines
from order_service.domain.refund import Refund
from order_service.domain.refunding import refund, settle
from order_service.storage.repository import Claim
from tests.builders import NOON, a_refund, an_order, pounds

# However often they are put together: no two histories meet.
CATEGORIES = [["home"], ["home", "tea"], ["home", "tea", "pots"], ["toys"], []]
MOST_LINES = 4
DEAREST = 9_999


class Numbers:
    """Numbers read from bytes; when there are no more, all are nothing."""

    def __init__(self, text: bytes) -> None:
        self.text, self.read = text, 0

    @property
    def over(self) -> bool:
        return self.read >= len(self.text)

    def upto(self, most: int) -> int:
        """From 0 to ``most``, that too."""
        size = (most.bit_length() + 7) // 8
        piece = self.text[self.read : self.read + size]
        self.read += size
        return int.from_bytes(piece) % (most + 1)

    def one_of(self, things: Any) -> Any:
        return things[self.upto(len(things) - 1)]


class Market:
    """Acts on ``books``, and remembers what everything was when it was done."""

    def __init__(self, books: Any) -> None:
        self.books = books
        self.ids: Iterator[str] = iter(new_id, None)
        self.now: datetime = NOON
        self.sellers = [next(self.ids) for _ in range(3)]
        self.sold: dict[str, tuple[Line, ...]] = {}
        self.left: dict[str, int] = {}
        self.owed: list[Refund] = []
        self.back: dict[str, int] = {}
        self.batches: list[Batch] = []
        self.posted: dict[Any, Any] = {}

    def live(self, text: bytes) -> None:
        numbers = Numbers(text)
        while not numbers.over:
            numbers.one_of(ACTS)(self, numbers)
            self.now += timedelta(minutes=numbers.upto(2))
            self.check_the_past()
        self.check_the_present()
        while self.owed:
            self.give_back(numbers)
        self.check_the_past()
        self.check_the_present()

    def rest(self, _: Numbers) -> None:
        """Nothing happens: what a history is made of that is simpler than another."""

    def buy(self, numbers: Numbers) -> None:
        quotes = [self.quote(numbers) for _ in range(1 + numbers.upto(MOST_LINES - 1))]
        offered = {quote["id"]: quote for quote in quotes}
        pieces = {product_id: 1 + numbers.upto(2) for product_id in offered}
        with self.books.transaction() as door:
            rates = door.commissions.rates(quotes)
            order = an_order(*price_lines(pieces, offered, rates))
            door.add(order, Claim(order.customer_id, order.id, ""), self.now)
        with self.books.transaction() as door:
            order = door.get(order.id)
            order.confirm()
            door.save(order, self.now)
        self.sold[order.id], self.left[order.id] = order.items, order.total.amount
        self.back[order.id] = 0

    def quote(self, numbers: Numbers) -> dict[str, Any]:
        return {
            "id": next(self.ids),
            "seller_id": numbers.one_of(self.sellers),
            "sku": "TEA-1",
            "title": "Tea",
            "price": pounds(numbers.upto(DEAREST)),
            "categories": numbers.one_of(CATEGORIES),
        }

    def rule(self, numbers: Numbers) -> None:
        seller_id = numbers.one_of([None, *self.sellers])
        [*_, category] = [None, *numbers.one_of(CATEGORIES)]
        rate = numbers.one_of([None, 0, 333, 1250, 9_999, 10_000])
        with self.books.transaction() as door:
            door.commissions.add(
                Rule(next(self.ids), seller_id, category, rate, self.now)
            )

    def refund(self, numbers: Numbers) -> None:
        order_id = self.some_order(numbers)
        if order_id and self.left[order_id]:
            amount = 1 + numbers.upto(self.left[order_id] - 1)
            wanted = a_refund(amount=pounds(amount), order_id=order_id)
            with self.books.transaction() as door:
                order: Order = door.get(order_id)
                returned = {p: n for p, n in order.kept.items() if numbers.upto(1)}
                self.owe(refund(order, replace(wanted, returned=returned)))
                door.save(order, self.now)

    def cancel(self, numbers: Numbers) -> None:
        order_id = self.some_order(numbers)
        if order_id and self.left[order_id]:
            with self.books.transaction() as door:
                order: Order = door.get(order_id)
                by = Actor("customer", order.customer_id)
                self.owe(cancel(order, "No", by, next(self.ids), self.now))
                door.save(order, self.now)

    def owe(self, owed: Refund | None) -> None:
        assert owed is not None
        self.left[owed.order_id] -= owed.amount.amount
        self.owed.append(owed)

    def some_order(self, numbers: Numbers) -> str | None:
        return numbers.one_of(list(self.left) or [None])

    def give_back(self, numbers: Numbers) -> None:
        """The provider has paid refunds, in whatever order."""
        for _ in self.owed[: 1 + numbers.upto(2)]:
            owed = self.owed.pop(numbers.upto(len(self.owed) - 1))
            with self.books.transaction() as door:
                order = door.get(owed.order_id)
                settle(order, owed.id, self.now)
                door.save(order, self.now)
            self.back[owed.order_id] += owed.amount.amount

    def pay_out(self, numbers: Numbers) -> None:
        until = self.now - timedelta(minutes=numbers.upto(5))
        with self.books.transaction() as door:
            before = {one.seller_id: one for one in door.ledger.owed(until)}
            batch = door.payouts.run(self.ids, until, self.now)
        with self.books.transaction() as door:
            assert door.payouts.run(self.ids, until, self.now) is None
        if batch:
            self.batches.append(batch)
            for payout in batch.payouts:
                assert 0 < payout.amount.amount <= before[payout.seller_id].now

    def check_the_past(self) -> None:
        """What was sold, posted and paid out is as it was."""
        posted = self.books.posted()
        assert self.posted.items() <= posted.items()
        self.posted = posted
        with self.books.transaction() as door:
            for order_id, lines in self.sold.items():
                assert door.get(order_id).items == lines
            assert door.payouts.list() == self.batches[::-1]

    def check_the_present(self) -> None:
        self.check_accounts()
        with self.books.transaction() as door:
            for order_id, lines in self.sold.items():
                self.check_order(order_id, lines, door.ledger.of_order(order_id))
            for seller_id in self.sellers:
                self.check_seller(seller_id, door.ledger.balance(seller_id))

    def check_accounts(self) -> None:
        """Debits equal credits, and each cent that is here came from a customer."""
        sums: Counter[str] = Counter()
        for (posting_id, _), entry in self.posted.items():
            sums[posting_id] += entry.amount
        assert not any(sums.values())
        sold = sum(line.line_total.amount for line in self.lines())
        back, paid = sum(self.back.values()), self.paid_to(None)
        assert sum(self.of(Account.CUSTOMER)) == sold
        assert sum(self.of(Account.REFUNDS)) == -back
        assert sum(self.of(Account.PAYOUTS)) == -paid
        ours = -sum(self.of(Account.COMMISSION))
        theirs = -sum(self.of(Account.SELLER_PAYABLE))
        assert ours + theirs + paid == sold - back
        assert ours >= 0

    def check_order(self, order_id: str, lines: tuple[Line, ...], entries: Any) -> None:
        """No line gives back more than it took; all that went back is off it."""
        for line in lines:
            agreed = commission_of(line.line_total.amount, line.commission_bp)
            assert line.commission_minor == agreed
        left = giving_back.left_of(entries)
        assert all(min(line.shares) >= 0 for line in left.values())
        paid = sum(line.line_total.amount for line in lines)
        here = paid - self.back[order_id]
        assert sum(line.total for line in left.values()) == here

    def check_seller(self, seller_id: str, balance: Any) -> None:
        """What is owed is what was sold, less what was taken, sent back and paid."""
        theirs = [line for line in self.lines() if line.seller_id == seller_id]
        sold = [line.line_total.amount for line in theirs]
        assert balance.sales.amount == sum(sold)
        assert 0 <= balance.refunds.amount <= balance.sales.amount
        assert balance.paid_out.amount == self.paid_to(seller_id)
        owed = -sum(self.of(Account.SELLER_PAYABLE, seller_id))
        assert balance.payable == Money(owed, "GBP")

    def lines(self) -> list[Line]:
        return [line for sold in self.sold.values() for line in sold]

    def of(self, account: Account, seller_id: str | None = None) -> Iterator[int]:
        for entry in self.posted.values():
            if entry.account is account and seller_id in (None, entry.seller_id):
                yield entry.amount

    def paid_to(self, seller_id: str | None) -> int:
        payouts = [payout for batch in self.batches for payout in batch.payouts]
        return sum(
            payout.amount.amount
            for payout in payouts
            if seller_id in (None, payout.seller_id)
        )


ACTS = [
    Market.rest,
    Market.buy,
    Market.buy,
    Market.buy,
    Market.refund,
    Market.refund,
    Market.refund,
    Market.cancel,
    Market.give_back,
    Market.give_back,
    Market.give_back,
    Market.rule,
    Market.rule,
    Market.pay_out,
    Market.pay_out,
]
