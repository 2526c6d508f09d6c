"""What is asked, and what is told of it."""

import eventlet
import pytest

from common.discovery import probes
from common.discovery.probes import LATE_SECONDS, troubles
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


def answers():
    pass


def is_away():
    raise ConnectionError("postgres://secret")


def test_who_has_all_it_needs_has_no_trouble(lag):
    assert troubles({"store": answers}, lag) == {}


def test_what_is_away_is_told_without_what_its_driver_says(lag):
    found = troubles({"broker": answers, "store": is_away}, lag)

    assert found == {"store": "does not answer: ConnectionError"}


def test_what_stands_still_is_given_up(lag, monkeypatch):
    monkeypatch.setattr(probes, "PROBE_SECONDS", 0.01)

    found = troubles({"store": lambda: eventlet.sleep(60)}, lag)

    assert found == {"store": "does not answer: Timeout"}


def test_an_event_loop_that_stays_late_is_told(lag, clock):
    clock.now += LATE_SECONDS
    assert troubles({}, lag) == {}
    clock.now += 0.1
    assert list(troubles({}, lag)) == ["event loop"]
