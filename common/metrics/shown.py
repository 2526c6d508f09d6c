"""What a process tells of itself, asked of its parts at the moment of reading."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from nameko import config
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from common.loop_lag import LOOP_LAG
from common.metrics.pools import POOLS, of_workers
from common.metrics.readings import Readings


class Process(Collector):
    """A container's own numbers.

    An extension of it that has ``readings`` is asked for them: a store.
    """

    def __init__(self, container: Any) -> None:
        self.service = container.service_name
        stores = [each for each in container.extensions if hasattr(each, "readings")]
        self.readings = Readings([store.readings for store in stores])
        POOLS.watch("workers", container._worker_pool, of_workers)

    def describe(self) -> Sequence[Metric]:
        # Who registers must not have the database asked.
        return ()

    def collect(self) -> Iterator[Metric]:
        yield self.build()
        yield from lags()
        yield from self.readings.collect()

    def build(self) -> Metric:
        told = {
            "service": self.service,
            "version": version("shopnow"),
            "region": str(config.get("REGION", "local")),
        }
        return InfoMetricFamily("shopnow_build", "The process that runs", told)


def lags() -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "shopnow_loop_lag_seconds", "How late the event loop was last", LOOP_LAG.last
    )
    yield GaugeMetricFamily(
        "shopnow_loop_lag_largest_seconds",
        "How late it was at the most in the last 30 s",
        LOOP_LAG.largest,
    )


def watch(container: Any) -> Process:
    """Show the numbers of ``container`` from now on; ``REGISTRY`` may forget it."""
    process = Process(container)
    REGISTRY.register(process)
    return process
