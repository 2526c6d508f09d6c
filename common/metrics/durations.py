"""How long things took, in buckets; adding one takes less than a millionth."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client.core import HistogramMetricFamily

# In seconds.  What the shop promises (docs/slo.md) is one of the edges.
PROMISED = 0.3
BOUNDS = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2),
    PROMISED,
    *(0.5, 1.0, 2.5, 5.0, 10.0),
)
EDGES = [*map(str, BOUNDS), "+Inf"]

Labels = tuple[str, ...]


class Histogram:
    __slots__ = ("counts", "sum")

    def __init__(self) -> None:
        self.counts = [0] * len(EDGES)
        self.sum = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.sum += seconds

    def buckets(self, shorter: int = 0) -> Sequence[tuple[str, float]]:
        """Each edge with how many were below, ``shorter`` of which nobody measured."""
        totals = accumulate(self.counts, initial=shorter)
        next(totals)
        return list(zip(EDGES, totals, strict=True))


class Durations:
    """A histogram for each combination of ``labels``."""

    def __init__(self, name: str, text: str, labels: Labels = ()) -> None:
        self.name, self.text, self.labels = name, text, labels
        self.known: defaultdict[Labels, Histogram] = defaultdict(Histogram)

    def add(self, labels: Labels, seconds: float) -> None:
        self.known[labels].add(seconds)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        family = HistogramMetricFamily(self.name, self.text, labels=self.labels)
        for labels, found in self.known.items():
            family.add_metric(labels, found.buckets(), found.sum)
        yield family
