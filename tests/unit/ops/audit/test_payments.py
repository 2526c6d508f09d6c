"""A payment is what the provider has: of the order's total, once, and no more."""

from dataclasses import replace

import pytest

from ops.audit.charges import Charge
from ops.audit.payments import Due, judge

CHARGE = Charge("a-charge", 900, "GBP", captured=900, refunded=0, voided=False)
SOLD = Due(
    "confirmed", "captured", 900, "GBP", captured=900, refunded=0, done=0, pending=0
)
REJECTED = replace(SOLD, status="rejected", payment_status="voided", captured=0)
PENDING = replace(SOLD, status="pending", payment_status="pending", captured=0)


def kinds(due, *charges):
    return [violation.kind for violation in judge("an-order", due, charges)]


def charge(**changes):
    return replace(CHARGE, **changes)


def due(**changes):
    return replace(SOLD, **changes)


def back(amount, **changes):
    """An order of which so much has gone back, as all say."""
    status = "refunded" if amount == SOLD.total else "partially_refunded"
    changes = {"refunded": amount, "done": amount, "payment_status": status} | changes
    return due(**changes)


@pytest.mark.parametrize(
    ("order", "charges"),
    [
        (SOLD, [CHARGE]),
        (due(total=0, captured=0), []),
        (back(300), [charge(refunded=300)]),
        (back(900, status="cancelled"), [charge(refunded=900)]),
        (REJECTED, []),
        (REJECTED, [charge(captured=0, voided=True)]),
        (PENDING, []),
        (PENDING, [charge(captured=0)]),
        (PENDING, [CHARGE]),
    ],
)
def test_what_adds_up(order, charges):
    assert kinds(order, *charges) == []


def test_a_refund_that_was_given_back_need_not_be_noted_yet():
    order = due(pending=300)

    assert kinds(order, CHARGE) == []
    assert kinds(order, charge(refunded=300)) == []


def test_money_that_was_taken_and_all_given_back_is_undone():
    order = replace(REJECTED, payment_status="refunded", captured=900, refunded=900)

    assert kinds(order, charge(refunded=900)) == []


@pytest.mark.parametrize(
    ("order", "charges", "wrong"),
    [
        (None, [CHARGE], ["charge_without_order"]),
        (SOLD, [CHARGE, charge(id="other")], ["payment_twice", "payment_record"]),
        (SOLD, [], ["payment_missing", "payment_record"]),
        (SOLD, [charge(captured=0)], ["payment_missing", "payment_record"]),
        (SOLD, [charge(captured=899)], ["payment_amount", "payment_record"]),
        (SOLD, [charge(currency="EUR")], ["payment_amount"]),
        (back(300, done=200), [charge(refunded=300)], ["payment_refunds"]),
        (due(captured=0), [CHARGE], ["payment_record"]),
        (due(payment_status="pending"), [CHARGE], ["payment_status"]),
        (REJECTED, [charge(captured=0)], ["payment_not_undone"]),
    ],
)
def test_what_is_wrong_is_told_by_its_name(order, charges, wrong):
    assert kinds(order, *charges) == wrong


def test_money_of_a_rejected_order_is_the_customers():
    order = replace(REJECTED, payment_status="refunded", captured=900)

    assert kinds(order, CHARGE) == ["payment_not_undone"]
