"""One goes, the others wait, and nobody waits for ever."""

import eventlet
import pytest
from eventlet.event import Event

from common.errors import Unavailable
from gateway.flights import Flights


def test_nobody_waits_for_nothing():
    assert Flights().wait_for(b"k", 1) is None


def test_the_others_wait_until_one_is_back():
    flights, back = Flights(), Event()

    def fly():
        with flights.flying(b"k") as flight:
            flight.answer = back.wait()

    eventlet.spawn(fly)
    eventlet.sleep(0)
    waiting = [eventlet.spawn(flights.wait_for, b"k", 5) for _ in range(10)]
    eventlet.sleep(0)
    assert not any(one.dead for one in waiting)

    back.send("tea")

    assert [one.wait().answer for one in waiting] == ["tea"] * 10


def test_a_flight_that_fails_brings_nothing_and_holds_nobody():
    flights = Flights()

    def fly():
        with flights.flying(b"k"):
            eventlet.sleep(0)
            raise ZeroDivisionError

    failing = eventlet.spawn(fly)
    eventlet.sleep(0)

    assert flights.wait_for(b"k", 1).answer is None
    with pytest.raises(ZeroDivisionError):
        failing.wait()
    assert flights.wait_for(b"k", 1) is None


@pytest.mark.parametrize("seconds", [0.01, 0, -1])
def test_who_has_no_time_left_is_told_so(seconds):
    flights = Flights()

    with flights.flying(b"k"), pytest.raises(Unavailable) as refusal:
        flights.wait_for(b"k", seconds)

    assert refusal.value.code == "deadline_exceeded"
