"""An event is counted once, with all its repetitions, by its handler."""

from datetime import timedelta

import pytest
from nameko import config
from prometheus_client import CollectorRegistry

from common.clock import utc_now
from common.errors import Unavailable
from common.metrics.calls import Calls
from common.metrics.handling import measured
from common.schemas import iso


@pytest.fixture
def events():
    return Calls("handler", "handled", "took_seconds", "delay_seconds", ("handler",))


@pytest.fixture
def read(events):
    registry = CollectorRegistry()
    registry.register(events)

    def read(name, **labels):
        return registry.get_sample_value(name, {"handler": "on_tea_made"} | labels)

    return read


@pytest.fixture
def handler(events):
    """``handler(event)``; an event that is no good is refused."""

    def on_tea_made(self, event):
        if event.get("trouble"):
            raise event["trouble"]
        return "drunk"

    return lambda event: measured(on_tea_made, events)(None, event)


def test_an_event_is_counted_with_its_delay(handler, read):
    happened = utc_now() - timedelta(minutes=2)

    assert handler({"occurred_at": iso(happened)}) == "drunk"

    assert read("handled_total", outcome="ok") == 1
    assert read("took_seconds_count") == 1
    assert read("delay_seconds_bucket", le="10.0") == 0
    assert read("delay_seconds_count") == 1


def test_what_a_handler_raises_is_counted_and_raised(handler, read):
    for trouble in (KeyError("cup"), Unavailable("away", "Away")):
        with pytest.raises(type(trouble)):
            handler({"trouble": trouble, "occurred_at": iso(utc_now())})

    assert read("handled_total", outcome="failed") == 1
    assert read("handled_total", outcome="unavailable") == 1


@pytest.mark.parametrize("event", [{}, {"occurred_at": "tea time"}])
def test_an_event_that_does_not_say_when_is_handled_all_the_same(event, handler, read):
    assert handler(event) == "drunk"

    assert read("handled_total", outcome="ok") == 1
    assert read("delay_seconds_count") is None


def test_nothing_is_counted_when_metrics_are_off(handler, read):
    with config.patch({"METRICS": False}):
        handler({})

    assert read("handled_total", outcome="ok") is None
