"""The gateway's figures: plain numbers while it works, metrics when they are read."""

from collections import Counter
from collections.abc import Iterator
from weakref import WeakSet

from prometheus_client import REGISTRY
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from gateway.cache import Cache

CACHE = "shopnow_gateway_cache"
# Method, route and status.
Label = tuple[str, str, str]


class Figures(Collector):
    def __init__(self) -> None:
        self.requests: Counter[Label] = Counter()
        self.caches: WeakSet[Cache] = WeakSet()

    def collect(self) -> Iterator[Metric]:
        yield self.answered()
        yield self.counted("hits", "Public reads answered from memory")
        yield self.counted("misses", "Public reads that the shop was asked for")
        held = sum(cache.bytes for cache in self.caches)
        yield GaugeMetricFamily(f"{CACHE}_bytes", "Memory that is taken", held)
        entries = sum(map(len, self.caches))
        yield GaugeMetricFamily(f"{CACHE}_entries", "Answers that are kept", entries)

    def answered(self) -> Metric:
        found = CounterMetricFamily(
            "shopnow_gateway_requests",
            "Requests that were answered",
            labels=("method", "route", "status"),
        )
        for label, count in self.requests.items():
            found.add_metric(label, count)
        return found

    def counted(self, name: str, about: str) -> Metric:
        total = sum(getattr(cache, name) for cache in self.caches)
        return CounterMetricFamily(f"{CACHE}_{name}", about, total)


figures = Figures()
REGISTRY.register(figures)
