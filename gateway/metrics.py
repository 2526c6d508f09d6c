"""The gateway's figures: plain numbers while it works, metrics when they are read."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from weakref import WeakSet

from prometheus_client import REGISTRY
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from common.metrics.durations import Durations
from common.resilience import Bulkhead
from gateway.cache import Cache

GATEWAY = "shopnow_gateway"
CACHE = f"{GATEWAY}_cache"
# Method, route and status.
Label = tuple[str, str, str]


class Figures(Collector):
    """``ready`` answers are counted apart: nobody looked at the clock for them."""

    def __init__(self) -> None:
        self.is_on = True
        self.requests: Counter[Label] = Counter()
        self.ready: Counter[Label] = Counter()
        self.durations = Durations(
            f"{GATEWAY}_request_duration_seconds",
            "Seconds from a request to its answer",
            ("method", "route"),
        )
        self.caches: WeakSet[Cache] = WeakSet()
        self.rooms: WeakSet[Bulkhead] = WeakSet()
        self.gates: WeakSet[Any] = WeakSet()

    def note(self, label: Label, seconds: float) -> None:
        self.requests[label] += 1
        if self.is_on:
            self.durations.add(label[:2], seconds)

    def collect(self) -> Iterator[Metric]:
        yield self.answered()
        yield self.took()
        yield from self.present()
        yield self.counted("hits", "Public reads answered from memory")
        yield self.counted("misses", "Public reads that the shop was asked for")
        held = sum(cache.bytes for cache in self.caches)
        yield GaugeMetricFamily(f"{CACHE}_bytes", "Memory that is taken", held)
        entries = sum(map(len, self.caches))
        yield GaugeMetricFamily(f"{CACHE}_entries", "Answers that are kept", entries)

    def answered(self) -> Metric:
        found = CounterMetricFamily(
            f"{GATEWAY}_requests",
            "Requests that were answered",
            labels=("method", "route", "status"),
        )
        for label, count in (self.requests + self.ready).items():
            found.add_metric(label, count)
        return found

    def took(self) -> Metric:
        """An answer that was ready took less than the first edge, whatever it was."""
        durations, ready = self.durations, Counter[tuple[str, ...]]()
        for label, count in self.ready.items():
            ready[label[:2]] += count
        found = HistogramMetricFamily(
            durations.name, durations.text, labels=durations.labels
        )
        for labels in durations.known.keys() | ready.keys():
            histogram = durations.known[labels]
            buckets = histogram.buckets(ready[labels])
            found.add_metric(labels, buckets, histogram.sum)
        return found

    def present(self) -> Iterator[Metric]:
        working = sum(room.in_flight for room in self.rooms)
        yield GaugeMetricFamily(f"{GATEWAY}_in_flight", "Requests under way", working)
        clients = sum(len(gate.connections) for gate in self.gates)
        yield GaugeMetricFamily(f"{GATEWAY}_connections", "Clients here", clients)

    def counted(self, name: str, about: str) -> Metric:
        total = sum(getattr(cache, name) for cache in self.caches)
        return CounterMetricFamily(f"{CACHE}_{name}", about, total)


figures = Figures()
REGISTRY.register(figures)
