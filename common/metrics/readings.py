"""Numbers that a database knows: asked for seldom, and never waited for long."""

import logging
from collections.abc import Callable, Iterator, Sequence
from time import monotonic

import eventlet
from eventlet.event import Event
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

log = logging.getLogger(__name__)

FRESH_SECONDS = 5.0
LONGEST_WAIT = 1.0
# A reading that does not end by itself is ended.
GIVEN_UP_SECONDS = 10.0
# Nobody needs to know by how many it is more than that.
MOST_COUNTED = 10_000

Source = Callable[[], Sequence[Metric]]


class Readings:
    """What ``sources`` say, not older than ``FRESH_SECONDS``.

    Where they do not answer, nothing is said.
    """

    def __init__(
        self, sources: Sequence[Source], clock: Callable[[], float] = monotonic
    ) -> None:
        self.sources, self.clock = sources, clock
        self.found: list[Metric] = []
        self.failed = 0
        self.fresh_until = -FRESH_SECONDS
        self.under_way: Event | None = None

    @property
    def is_fresh(self) -> bool:
        return self.clock() < self.fresh_until

    def collect(self) -> Iterator[Metric]:
        if not self.sources:
            return
        if not self.is_fresh:
            self.ask()
        if self.is_fresh:
            yield from self.found
        yield CounterMetricFamily(
            "shopnow_store_readings_failed", "A store did not tell", self.failed
        )

    def ask(self) -> None:
        """Who comes while somebody asks waits for the same answer."""
        if self.under_way is None:
            self.under_way = Event()
            eventlet.spawn_n(self.read, self.under_way)
        with eventlet.Timeout(LONGEST_WAIT, False):
            self.under_way.wait()

    def read(self, done: Event) -> None:
        try:
            with eventlet.Timeout(GIVEN_UP_SECONDS):
                self.found = [each for source in self.sources for each in source()]
            self.fresh_until = self.clock() + FRESH_SECONDS
        except (Exception, eventlet.Timeout) as trouble:
            self.failed += 1
            log.warning("a store does not tell: %s", type(trouble).__name__)
        finally:
            self.under_way = None
            done.send()


def outbox_metrics(count: int, oldest_seconds: float) -> list[Metric]:
    return [
        GaugeMetricFamily(
            "shopnow_outbox_waiting", "Events that are not published yet", count
        ),
        GaugeMetricFamily(
            "shopnow_outbox_oldest_seconds",
            "How long the oldest of them has waited",
            max(0.0, oldest_seconds),
        ),
    ]
