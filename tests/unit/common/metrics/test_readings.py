"""A store is asked seldom, and nobody waits for it for long."""

import eventlet
import pytest
from eventlet.event import Event
from prometheus_client import CollectorRegistry

from common.metrics import readings
from common.metrics.readings import FRESH_SECONDS, Readings, outbox_metrics

NAME = "shopnow_outbox_waiting"
FAILED = "shopnow_store_readings_failed_total"


class Store:
    """Tells how often it was asked; may be slow, or away."""

    def __init__(self):
        self.asked, self.answers, self.trouble = 0, Event(), None
        self.answers.send()

    def readings(self):
        self.asked += 1
        self.answers.wait()
        if self.trouble:
            raise self.trouble
        return outbox_metrics(self.asked, 1.5)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def read(store, clock):
    registry = CollectorRegistry()
    collector = Readings([store.readings], clock)
    collector.describe = lambda: ()
    registry.register(collector)
    return registry.get_sample_value


def test_a_store_is_asked_once_for_a_while(read, store, clock):
    assert read(NAME) == 1
    assert read(NAME) == 1

    clock.now += FRESH_SECONDS

    assert read(NAME) == 2
    assert read("shopnow_outbox_oldest_seconds") == 1.5


def test_a_slow_store_keeps_nobody_waiting_and_is_not_asked_twice(
    read, store, monkeypatch
):
    monkeypatch.setattr(readings, "LONGEST_WAIT", 0.0)
    store.answers = Event()

    assert read(NAME) is None
    assert read(NAME) is None
    store.answers.send()
    eventlet.sleep()

    assert store.asked == 1
    assert read(NAME) == 1


def test_what_a_store_does_not_tell_any_more_is_not_shown(read, store, clock):
    assert read(NAME) == 1

    store.trouble = ConnectionError()
    clock.now += FRESH_SECONDS

    assert read(NAME) is None
    assert read(FAILED) == 2
