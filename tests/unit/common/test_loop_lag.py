"""How late the event loop is, and for how long."""

import pytest

from common.loop_lag import LoopLag


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def lag(clock):
    return LoopLag(clock)


def test_a_turn_that_came_early_was_not_late(lag):
    lag.note(-0.001)

    assert lag.last == lag.largest == 0.0


def test_the_largest_is_told_to_everybody_for_half_a_minute(lag, clock):
    for seconds in (0.1, 0.4, 0.2):
        lag.note(seconds)
        clock.now += 10

    assert lag.last == 0.2
    assert [lag.largest, lag.largest] == [0.4, 0.4]
    clock.now += 11
    assert lag.largest == 0.2
    clock.now += 10
    assert lag.largest == 0.0


def test_it_is_late_from_the_last_turn_that_was_on_time(lag, clock):
    lag.note(0.2)
    clock.now += 3
    lag.note(0.3)
    clock.now += 3
    lag.note(9.0)

    assert lag.late_for() == 6


def test_one_turn_on_time_ends_being_late(lag, clock):
    clock.now += 60
    lag.note(60)
    lag.note(0.25)

    assert lag.late_for() == 0
