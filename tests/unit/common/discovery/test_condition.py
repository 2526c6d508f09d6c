"""Trouble is told when it lasts, and its end at once."""

import pytest

from common.discovery.condition import LASTING_SECONDS, Condition

AWAY = {"store": "does not answer: Timeout"}


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def well(clock):
    condition = Condition(clock)
    condition.note({})
    return condition


def test_who_starts_is_not_well_yet(clock):
    condition = Condition(clock)

    assert condition.said == "process is starting"
    assert condition.note(AWAY)
    assert condition.said == "store does not answer: Timeout"
    assert condition.note({})
    assert condition.is_well


def test_a_moment_is_not_told(well, clock):
    for troubles in (AWAY, {}, AWAY):
        clock.now += LASTING_SECONDS - 0.1
        assert not well.note(troubles)
    assert well.is_well


def test_what_lasts_is_told_and_so_is_its_end(well, clock):
    well.note(AWAY)
    clock.now += LASTING_SECONDS

    assert well.note(AWAY)
    assert not well.note(AWAY)
    assert well.troubles == AWAY
    assert well.note({})
    assert well.is_well


def test_trouble_counts_whatever_it_is_of(well, clock):
    well.note(AWAY)
    clock.now += LASTING_SECONDS
    well.note({"broker": "does not answer: OSError"})

    assert well.said == "broker does not answer: OSError"


def test_who_starts_calls_nobody(clock):
    condition = Condition(clock)
    condition.note(AWAY)
    assert condition.is_calm

    condition.note({})
    assert condition.is_calm

    condition.note(AWAY)
    clock.now += LASTING_SECONDS
    condition.note(AWAY)
    assert not condition.is_calm
