"""A refund is borne by the lines as the domain has it, and by nobody else."""

from common.money import Money
from ops.audit.bearers import Paid, judge
from order_service.domain.giving_back import refund
from order_service.domain.ledger import Account, Entry, of_line

# 90 for Ann and 10 of commission; 45 for Bob and 5.
SOLD = [*of_line(0, "ann", -90, -10), *of_line(1, "bob", -45, -5)]


def paid(name, amount, before, returned=()):
    posting = refund("order", name, Money(amount, "GBP"), before, returned)
    return Paid(name, amount, posting.entries, frozenset(returned))


def posted(*entries, name="first", amount=10, returned=frozenset({0})):
    back = Entry(Account.REFUNDS, -amount)
    return Paid(name, amount, (back, *entries), returned)


def subjects(*refunds):
    found = judge("order", "GBP", SOLD, refunds)
    return [(one.kind, one.subject) for one in found]


WRONG = ("refund_shares", "first")


def test_many_small_refunds_are_right_however_they_were_rounded():
    before, refunds = list(SOLD), []
    for place in range(50):
        refunds.append(paid(str(place), 3, before, [place % 2]))
        before += refunds[-1].posted

    assert subjects(*refunds) == []


def test_one_that_is_right():
    assert subjects(posted(*of_line(0, "ann", 9, 1))) == []


def test_wholly_on_the_seller():
    assert subjects(posted(Entry(Account.SELLER_PAYABLE, 10, "ann", 0))) == [WRONG]


def test_another_seller_on_the_same_line():
    assert subjects(posted(*of_line(0, "bob", 9, 1))) == [WRONG, WRONG]


def test_the_line_of_another_seller():
    assert subjects(posted(*of_line(1, "bob", 9, 1))) == [WRONG, WRONG]


def test_no_line_at_all():
    entry = Entry(Account.SELLER_PAYABLE, 9, "ann")
    commission = Entry(Account.COMMISSION, 1, "ann", 0)
    assert subjects(posted(entry, commission)) == [WRONG, WRONG]


def test_more_than_is_left():
    assert subjects(posted(*of_line(0, "ann", 900, 100), amount=1000)) == [WRONG]


def test_what_is_not_posted_is_found_elsewhere():
    assert subjects(Paid("first", 10, ())) == []


def test_only_the_wrong_one_of_two():
    wrong = posted(Entry(Account.SELLER_PAYABLE, 10, "ann", 0))
    second = paid("second", 40, [*SOLD, *wrong.posted])
    assert subjects(wrong, second) == [WRONG]
