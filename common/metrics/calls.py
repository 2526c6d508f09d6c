"""Rate, errors and duration of what a process is asked to do."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain

from nameko.exceptions import IncorrectSignature, MalformedRequest, MethodNotFound
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from common.errors import Refusal, Unavailable
from common.metrics.durations import Durations

OK, REFUSED, UNAVAILABLE, FAILED = "ok", "refused", "unavailable", "failed"
DROPPED = "dropped"
# Whoever asks in a wrong way is told so.
MISTAKES = (Refusal, MalformedRequest, MethodNotFound, IncorrectSignature)


def outcome_of(trouble: BaseException | None) -> str:
    """In one word; a timeout that nobody turned into a refusal is a failure."""
    if trouble is None:
        return OK
    if isinstance(trouble, Unavailable):
        return UNAVAILABLE
    return REFUSED if isinstance(trouble, MISTAKES) else FAILED


class Calls(Collector):
    """Counts by what was ``asked`` for and its outcome; ``waited`` is for its turn.

    ``total``, ``duration`` and ``delay`` name the metrics, ``asked`` the label.
    """

    def __init__(
        self,
        asked: str,
        total: str,
        duration: str,
        delay: str,
        by: tuple[str, ...] = (),
    ) -> None:
        self.asked, self.total = asked, total
        self.ended: Counter[tuple[str, str]] = Counter()
        self.durations = Durations(duration, "Seconds that it took", (asked,))
        self.delays = Durations(delay, "Seconds until it was begun", by)

    def begin(self, waited: float, *labels: str) -> None:
        # Two machines' clocks may differ.
        self.delays.add(labels, max(0.0, waited))

    def end(self, name: str, outcome: str, seconds: float) -> None:
        self.ended[name, outcome] += 1
        self.durations.add((name,), seconds)

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            self.total, "How they ended", labels=(self.asked, "outcome")
        )
        for labels, count in self.ended.items():
            family.add_metric(labels, count)
        yield family
        yield from chain(self.durations.collect(), self.delays.collect())
