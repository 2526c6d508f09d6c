"""Who is paid how much, and what becomes of refunds after that."""

from datetime import timedelta

import pytest

from common.ids import new_id
from order_service.domain import giving_back, ledger, payouts
from order_service.domain.payouts import Owed
from tests.builders import NOON, SELLER, a_line, an_order, pounds
from tests.fake_money import FakeLedger, FakePayouts

ids = iter(new_id, None)
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def books():
    return FakePayouts(FakeLedger())


def sell(books, pence, at=NOON):
    order = an_order(a_line(quantity=1, unit_price=pounds(pence)))
    books.ledger.post([ledger.sale(order)], at)
    return order.id


def give_back(books, order_id, pence, at=NOON):
    before = books.ledger.of_order(order_id)
    posting = giving_back.refund(order_id, new_id(), pounds(pence), before)
    books.ledger.post([posting], at)


def pay(books, until=LATER):
    batch = books.run(ids, until, LATER)
    return [payout.amount.amount for payout in batch.payouts] if batch else []


@pytest.mark.parametrize(
    ("then", "now", "due"),
    [(100, 100, 100), (100, 40, 40), (40, 100, 40), (-5, 100, 0), (100, -5, 0)],
)
def test_nobody_is_paid_more_than_they_are_owed_then_and_now(then, now, due):
    assert Owed(SELLER, "GBP", then, now).due == pounds(due)


def test_a_batch_is_for_those_who_are_owed_something():
    owed = [Owed("a", "GBP", 5, 5), Owed("b", "GBP", 0, 0), Owed("c", "GBP", -5, -5)]

    batch = payouts.batch(owed, ids, NOON, LATER)

    assert [payout.seller_id for payout in batch.payouts] == ["a"]


def test_where_nobody_is_owed_anything_there_is_no_batch():
    assert payouts.batch([Owed("b", "GBP", 0, 0)], ids, NOON, LATER) is None


def test_what_was_paid_is_not_paid_again(books):
    sell(books, 500)

    assert pay(books) == [500]
    assert pay(books) == []


def test_a_refund_after_the_payout_is_off_the_next_ones(books):
    first = sell(books, 500)
    pay(books)
    give_back(books, first, 500)
    sell(books, 300)

    assert pay(books) == []
    assert books.ledger.balance(SELLER).payable == pounds(-200)

    sell(books, 250)
    assert pay(books) == [50]


def test_a_sale_after_the_last_moment_waits_for_the_next_batch(books):
    sell(books, 500)
    sell(books, 300, at=LATER)

    assert pay(books, until=LATER) == [500]
    assert pay(books, until=LATER) == []
    assert pay(books, until=LATER + timedelta(seconds=1)) == [300]


def test_what_went_back_since_is_not_paid(books):
    order_id = sell(books, 500)
    give_back(books, order_id, 200, at=LATER)

    assert pay(books, until=LATER) == [300]


def test_what_was_paid_for_a_later_moment_counts_for_an_earlier_one_too(books):
    sell(books, 500)
    assert pay(books, until=LATER) == [500]
    sell(books, 100)

    assert pay(books, until=NOON + timedelta(seconds=1)) == [100]
