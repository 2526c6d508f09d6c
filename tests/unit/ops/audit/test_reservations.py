"""A reservation is what its order says, as soon as its events have arrived."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ops.audit.reservations import Held, Ordered, judge
from tests.builders import NOON

LONG = timedelta(hours=1)
PIECES = {"tea": 2, "milk": 1}
SOLD = Held("sold", PIECES)


def ordered(status, **changes):
    return replace(Ordered(status, NOON - LONG, PIECES), **changes)


def kinds(order, held):
    return [violation.kind for violation in judge("an-order", order, held, NOON)]


@pytest.mark.parametrize(
    ("status", "held"),
    [
        ("pending", Held()),
        ("pending", Held("held", PIECES, expires_at=NOON)),
        ("pending", Held("committed", PIECES)),
        ("confirmed", SOLD),
        ("delivered", SOLD),
        ("rejected", Held()),
        ("rejected", Held("released")),
        ("rejected", Held("expired", PIECES)),
        ("cancelled", replace(SOLD, returned=PIECES)),
    ],
)
def test_what_belongs_together(status, held):
    assert kinds(ordered(status), held) == []


@pytest.mark.parametrize(
    ("status", "held", "wrong"),
    [
        ("confirmed", Held("committed", PIECES), "reservation_unsold"),
        ("confirmed", Held(), "reservation_unsold"),
        ("shipped", Held("expired", PIECES), "reservation_unsold"),
        ("cancelled", Held("committed", PIECES), "reservation_unsold"),
        ("rejected", Held("held", PIECES), "reservation_unreleased"),
        ("rejected", SOLD, "reservation_wrongly_sold"),
        ("pending", SOLD, "reservation_wrongly_sold"),
        ("confirmed", Held("sold", {"tea": 3}), "reservation_lines"),
        ("cancelled", SOLD, "reservation_returns"),
        ("confirmed", replace(SOLD, returned={"tea": 1}), "reservation_returns"),
    ],
)
def test_what_does_not(status, held, wrong):
    assert kinds(ordered(status), held) == [wrong]


def test_an_event_may_be_under_way_for_a_minute():
    held = Held("committed", PIECES)
    order = ordered("confirmed", changed_at=NOON - timedelta(seconds=59))

    assert kinds(order, held) == []


def test_what_a_refund_gave_back_is_on_the_shelf_again():
    order = ordered("delivered", back={"tea": 1})

    assert kinds(order, replace(SOLD, returned={"tea": 1})) == []
    assert kinds(order, SOLD) == ["reservation_returns"]


def test_pieces_are_for_some_order():
    assert kinds(None, Held("held", PIECES)) == ["reservation_without_order"]
    assert kinds(None, SOLD) == ["reservation_without_order"]


def test_pieces_of_a_lost_order_that_are_back_are_missed_by_nobody():
    assert kinds(None, Held("released", PIECES)) == []
    assert kinds(None, replace(SOLD, returned=PIECES)) == []
    assert kinds(None, Held("released")) == []


def test_what_nobody_committed_to_is_let_go_in_time():
    held = Held("held", PIECES, expires_at=NOON - timedelta(seconds=61))

    assert kinds(ordered("pending"), held) == ["reservation_overdue"]
    assert kinds(ordered("pending"), replace(held, state="committed")) == []
