"""Where each penny of a sale and of a refund goes."""

import pytest

from common.ids import new_id
from order_service.domain import giving_back, ledger
from order_service.domain.ledger import Account, Entry, Kind, Posting
from tests.builders import a_line, an_order, pounds

ANN, BOB = new_id(), new_id()


def an_order_of_two(**changes):
    """20.00 of Ann's at 10 %, 10.00 of Bob's at 20 %."""
    return an_order(
        a_line(seller_id=ANN, unit_price=pounds(1000), commission_minor=200),
        a_line(
            seller_id=BOB, quantity=1, unit_price=pounds(1000), commission_minor=200
        ),
    )


def given_back(order, *amounts, returned=()):
    """The refunds of an order, one after the other."""
    entries, made = [*ledger.sale(order).entries], []
    for amount in amounts:
        made.append(
            giving_back.refund(order.id, new_id(), pounds(amount), entries, returned)
        )
        entries += made[-1].entries
    return made


def amounts(posting):
    return [
        (entry.account.value, entry.line, entry.amount) for entry in posting.entries
    ]


def test_a_sale_is_owed_to_its_sellers_but_for_the_commission():
    order = an_order_of_two()

    posting = ledger.sale(order)

    assert (posting.id, posting.order_id, posting.kind) == (order.id, order.id, "sale")
    assert posting.entries == (
        Entry(Account.CUSTOMER, 3000),
        Entry(Account.SELLER_PAYABLE, -1800, ANN, 0),
        Entry(Account.COMMISSION, -200, ANN, 0),
        Entry(Account.SELLER_PAYABLE, -800, BOB, 1),
        Entry(Account.COMMISSION, -200, BOB, 1),
    )


def test_an_order_posts_its_sale_once_when_it_is_confirmed():
    order = an_order_of_two()

    order.confirm()
    order.confirm()

    assert order.postings == [ledger.sale(order)]


def test_an_order_that_was_given_up_posts_nothing():
    order = an_order_of_two()
    order.give_up(ValueError("no"))

    order.confirm()

    assert order.postings == []


def test_what_costs_nothing_is_not_posted():
    line = a_line(unit_price=pounds(100), quantity=1, commission_minor=0)

    entries = ledger.sale(an_order(line, a_line(unit_price=pounds(0)))).entries

    assert [entry.account for entry in entries] == ["customer", "seller_payable"]


def test_a_refund_is_borne_by_all_lines_and_by_the_commission():
    [posting] = given_back(an_order_of_two(), 1000)

    # 6.67 of Ann's, a tenth of it commission; 3.33 of Bob's, a fifth of it.
    assert amounts(posting) == [
        ("refunds", None, -1000),
        ("seller_payable", 0, 600),
        ("commission", 0, 67),
        ("seller_payable", 1, 266),
        ("commission", 1, 67),
    ]


def test_what_came_back_bears_the_refund_first():
    [part, all_of_it, more] = given_back(an_order_of_two(), 400, 600, 100, returned=[1])

    assert amounts(part)[1:] == [("seller_payable", 1, 320), ("commission", 1, 80)]
    assert amounts(all_of_it)[1:] == [
        ("seller_payable", 1, 480),
        ("commission", 1, 120),
    ]
    assert amounts(more)[1:] == [("seller_payable", 0, 90), ("commission", 0, 10)]


def test_many_small_refunds_give_back_exactly_what_was_paid():
    order = an_order_of_two()

    refunds = given_back(order, *[7] * 428, 4)

    entries = [entry for each in refunds for entry in each.entries]
    left = giving_back.left_of([*ledger.sale(order).entries, *entries])
    assert [line.shares for line in left.values()] == [(0, 0), (0, 0)]


def test_more_than_is_left_is_not_given_back():
    with pytest.raises(ValueError, match="less than 1 is left"):
        given_back(an_order_of_two(), 2500, 500, 1)


def test_a_payout_leaves_nothing_owed():
    payout_id = new_id()

    posting = ledger.payout(payout_id, ANN, pounds(1800))

    assert (posting.id, posting.order_id) == (payout_id, None)
    assert posting.entries == (
        Entry(Account.SELLER_PAYABLE, 1800, ANN),
        Entry(Account.PAYOUTS, -1800),
    )


def test_what_does_not_balance_cannot_be_posted():
    with pytest.raises(ValueError, match="debits and credits"):
        Posting("p", Kind.SALE, "GBP", (Entry(Account.CUSTOMER, 1),))
