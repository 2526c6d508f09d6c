"""Which traces are told of, decided when what a process did for them is over.

Those that are sampled: a share of all, decided once for all processes and handed
on with the trace.  And those that failed or were slow, as far as this process saw.
"""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

SHARE = 0.1
# What the shop promises of 99 in 100 (docs/slo.md).
SLOW_SECONDS = 0.3
# Of traces that were not sampled, a second: when everything fails, telling of it
# must not be what keeps the shop from coming back.
MOST_A_SECOND = 20
# Those of the id's bits that every maker of ids takes at random.
RANDOM_BITS = 56
NS = 1_000_000_000

Export = Callable[[Any, Sequence[Any]], None]


class Allowance:
    """``MOST_A_SECOND``, and no more at once."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.left, self.counted_at = float(MOST_A_SECOND), clock()

    def has_room(self) -> bool:
        """Whether there is one left, which is taken."""
        now = self.clock()
        earned = (now - self.counted_at) * MOST_A_SECOND
        self.left, self.counted_at = min(MOST_A_SECOND, self.left + earned), now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Tracer:
    """``export`` is given an entry and spans of it."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.off = False
        self.export: Export = nobody
        self.set_share(SHARE)
        self.slow_ns = int(SLOW_SECONDS * NS)
        self.kept = self.dropped = 0
        self.unsampled = Allowance(clock)

    def set_share(self, share: float) -> None:
        """Raises ``ValueError`` for what is no share of 1."""
        if not 0 <= share <= 1:
            raise ValueError(f"OTEL_TRACES_SAMPLER_ARG is {share}, not from 0 to 1")
        self.bound = round(share * (1 << RANDOM_BITS))

    def samples(self, trace_id: int) -> bool:
        return trace_id & ((1 << RANDOM_BITS) - 1) < self.bound

    def ended(self, entry: Any, spans: list[Any]) -> bool:
        """Whether ``entry`` is kept, with ``spans``, which are over as well."""
        if not self.wants(entry):
            self.dropped += 1
            return False
        self.kept += 1
        self.export(entry, [*spans, entry])
        return True

    def wants(self, entry: Any) -> bool:
        if entry.sampled:
            return True
        slow = entry.end - entry.start > self.slow_ns
        return (entry.failed or slow) and self.unsampled.has_room()


def nobody(entry: Any, spans: Sequence[Any]) -> None:
    """Takes them while nobody is told."""


TRACER = Tracer()
