"""Reads what processes tell in Prometheus' text form, of the families that are shown.

The client library's own parser takes twenty times as long, for all families.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import pairwise
from math import inf

Labels = tuple[tuple[str, str], ...]
# Samples of one process: of each name, a number for each set of labels.
Reading = Mapping[str, Mapping[Labels, float]]

LINE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([^ ]+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
ESCAPED = re.compile(r"\\(.)")


def read(told: bytes, wanted: Set[str]) -> Reading:
    found: dict[str, dict[Labels, float]] = {}
    for line in told.decode(errors="replace").splitlines():
        if match := LINE.match(line):
            name, labels, value = match.groups()
            if name in wanted:
                found.setdefault(name, {})[pairs(labels or "")] = float(value)
    return found


def pairs(labels: str) -> Labels:
    return tuple((name, unescaped(value)) for name, value in LABEL.findall(labels))


def unescaped(value: str) -> str:
    return ESCAPED.sub(lambda found: {"n": "\n"}.get(found[1], found[1]), value)


@dataclass(frozen=True)
class Growth:
    """How much a counter of one process has grown, and in how many seconds."""

    process: str
    labels: Mapping[str, str]
    amount: float
    seconds: float

    @property
    def rate(self) -> float:
        return self.amount / self.seconds


class Window:
    """The samples of the last ``width`` seconds, and at least two."""

    def __init__(self, width: float) -> None:
        self.width = width
        self.samples: deque[tuple[float, Mapping[str, Reading]]] = deque()

    def add(self, now: float, readings: Mapping[str, Reading]) -> None:
        self.samples.append((now, readings))
        while len(self.samples) > 2 and self.samples[0][0] < now - self.width:  # noqa: PLR2004
            self.samples.popleft()

    @property
    def seconds(self) -> float:
        return self.samples[-1][0] - self.samples[0][0] if self.samples else 0.0

    @property
    def latest(self) -> Mapping[str, Reading]:
        return self.samples[-1][1] if self.samples else {}

    def values(self, name: str) -> Iterator[tuple[str, dict[str, str], float]]:
        """Process, labels and number, as they were told last."""
        for process, reading in self.latest.items():
            for labels, value in reading.get(name, {}).items():
                yield process, dict(labels), value

    def growths(self, name: str, newest: bool = False) -> Iterator[Growth]:
        """Of all processes that were seen twice; of the last two if ``newest``."""
        samples = list(self.samples)[-2:] if newest else self.samples
        for process, reading in self.latest.items():
            seen = [(at, each[process]) for at, each in samples if process in each]
            if len(seen) < 2 or seen[-1][0] <= seen[0][0]:  # noqa: PLR2004
                continue
            seconds = seen[-1][0] - seen[0][0]
            for labels in reading.get(name, {}):
                told = [each.get(name, {}).get(labels, 0.0) for _, each in seen]
                yield Growth(process, dict(labels), grown(told), seconds)


def grown(told: list[float]) -> float:
    """What a counter has counted; it may begin again at nothing in between."""
    steps = pairwise(told)
    return sum(after - before if after >= before else after for before, after in steps)


def quantile(buckets: Mapping[float, float], share: float) -> float | None:
    """Of a histogram's cumulative ``{upper bound: count}``, as Prometheus has it.

    What lies above the last bound counts as that bound.
    """
    bounds = sorted(buckets)
    if not bounds or not buckets[bounds[-1]]:
        return None
    rank = share * buckets[bounds[-1]]
    low, below = 0.0, 0.0
    for bound in bounds:
        if buckets[bound] >= rank:
            if bound == inf:
                return low
            inside = buckets[bound] - below
            return low + (bound - low) * ((rank - below) / inside if inside else 1.0)
        low, below = bound, buckets[bound]
    return None
