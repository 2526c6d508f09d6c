"""Counts the events that a process handles, and how long ago they happened."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from common import metrics
from common.metrics.calls import Calls, outcome_of

EVENTS = Calls(
    "handler",
    "shopnow_events_handled",
    "shopnow_event_duration_seconds",
    "shopnow_event_delay_seconds",
    ("handler",),
)


class PutAside(Collector):
    """Events that went to the dead letters, by their handler."""

    def __init__(self) -> None:
        self.by_handler: Counter[str] = Counter()

    def count(self, handler: str) -> None:
        self.by_handler[handler] += 1

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "shopnow_dead_letters", "Events put aside", labels=("handler",)
        )
        for handler, count in self.by_handler.items():
            family.add_metric((handler,), count)
        yield family


PUT_ASIDE = PutAside()
REGISTRY.register(EVENTS)
REGISTRY.register(PUT_ASIDE)


def measured(method: Callable[..., Any], events: Calls = EVENTS) -> Callable[..., Any]:
    """``method``, a handler of events, which is counted with all its repetitions."""

    @wraps(method)
    def handle(self: Any, event: Any) -> Any:
        if not metrics.is_on():
            return method(self, event)
        name, trouble = method.__name__, None
        began = time.perf_counter()
        wait(events, name, event)
        try:
            return method(self, event)
        except BaseException as raised:
            trouble = raised
            raise
        finally:
            events.end(name, outcome_of(trouble), time.perf_counter() - began)

    return handle


def wait(events: Calls, name: str, event: Any) -> None:
    """An event that does not say when it happened is still one to handle."""
    try:
        happened = datetime.fromisoformat(event["occurred_at"])
        waited = (datetime.now(UTC) - happened).total_seconds()
    except (TypeError, KeyError, ValueError):
        return
    events.begin(waited, name)
