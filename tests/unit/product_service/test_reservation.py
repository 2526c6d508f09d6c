"""What may become of the pieces that are held for an order."""

from datetime import timedelta
from itertools import permutations

import pytest

from common.errors import Conflict
from common.ids import new_id
from product_service.domain.reservation import Reservation, State
from product_service.domain.stock import Shelf
from tests.builders import NOON

TEA, POT = "tea", "pot"
LATER = NOON + timedelta(minutes=15)


def a_reservation(**items):
    items = items or {TEA: 3, POT: 1}
    return Reservation.hold(new_id(), items, LATER, Shelf(dict.fromkeys(items, 10)))


def sums(reservation):
    """By product, how many more are on hand and reserved than at first."""
    found = {}
    for change in reservation.changes:
        on_hand, reserved = found.get(change.product_id, (0, 0))
        on_hand += change.delta
        found[change.product_id] = on_hand, reserved + change.reserved_delta
    return found


def kinds(reservation):
    return sorted((c.product_id, c.kind, c.delta) for c in reservation.changes)


def test_all_that_is_short_is_named():
    with pytest.raises(Conflict) as refusal:
        Reservation.hold(new_id(), {TEA: 3, POT: 1}, LATER, Shelf({TEA: 2, POT: 0}))

    assert refusal.value.details == {TEA: "2 left", POT: "0 left"}


def test_what_is_not_for_sale_is_named_first():
    with pytest.raises(Conflict) as refusal:
        Reservation.hold(new_id(), {TEA: 3, POT: 1}, LATER, Shelf({TEA: 2}))

    assert refusal.value.code == "product_not_for_sale"


def test_a_shelf_has_less_after_a_reservation():
    shelf = Shelf({TEA: 5})

    shelf.follow(Reservation.hold(new_id(), {TEA: 3}, LATER, shelf).changes)

    assert shelf.available == {TEA: 2}


@pytest.mark.parametrize("ended", [State.RELEASED, State.EXPIRED])
def test_what_has_ended_is_neither_committed_nor_sold(ended):
    reservation = a_reservation()
    reservation.end(ended)

    for verb in (Reservation.commit, Reservation.sell):
        with pytest.raises(Conflict) as refusal:
            verb(reservation)
        assert refusal.value.code == "reservation_released"
    assert sums(reservation) == {TEA: (0, 0), POT: (0, 0)}


def test_it_expires_at_its_time_and_not_before():
    reservation = a_reservation()

    reservation.expire(LATER - timedelta(milliseconds=1))
    assert reservation.state is State.HELD
    reservation.expire(LATER)
    assert reservation.state is State.EXPIRED


def test_a_return_is_never_more_than_was_sold():
    reservation = a_reservation()

    reservation.refund("r1", {TEA: 2, "unknown": 5})
    reservation.refund("r2", {TEA: 2})

    assert sums(reservation) == {TEA: (-3 + 3, 0), POT: (-1, 0)}
    assert reservation.returned == {TEA: 3}


def test_a_refund_without_pieces_moves_none():
    reservation = a_reservation()

    reservation.refund("r1", {})

    assert sums(reservation) == {TEA: (-3, 0), POT: (-1, 0)}


CONFIRMED = ("sell",)
FIRST = ("refund", "r1", {TEA: 1})
SECOND = ("refund", "r2", {TEA: 1, POT: 1})
CANCELLED = ("cancel",)


def heard(events):
    reservation = a_reservation()
    reservation.commit()
    for verb, *args in events:
        getattr(reservation, verb)(*args)
    return reservation


def test_sale_and_refunds_in_any_order_and_again_come_to_the_same():
    in_order = heard([CONFIRMED, FIRST, SECOND])

    for events in permutations([CONFIRMED, CONFIRMED, FIRST, SECOND, FIRST]):
        reservation = heard(events)

        assert reservation.state is State.SOLD
        assert sums(reservation) == {TEA: (-1, 0), POT: (0, 0)}
        assert kinds(reservation) == kinds(in_order)


def test_a_cancellation_in_any_order_puts_all_back_once():
    for events in permutations([CONFIRMED, FIRST, CANCELLED, CANCELLED, CONFIRMED]):
        reservation = heard(events)

        assert not reservation.bought
        assert sums(reservation) == {TEA: (0, 0), POT: (0, 0)}
        assert reservation.returned == {TEA: 3, POT: 1}


def test_nothing_is_sold_of_an_order_that_is_cancelled_before():
    reservation = Reservation.barred(new_id())

    reservation.cancel()
    reservation.sell()
    reservation.refund("r1", {TEA: 1})

    assert reservation.changes == []


def test_a_cancellation_of_what_was_let_go_puts_nothing_back_again():
    reservation = a_reservation()
    reservation.release()

    reservation.cancel()
    reservation.refund("r1", {TEA: 1})

    assert sums(reservation) == {TEA: (0, 0), POT: (0, 0)}
