"""What a client that echoes measures itself, and how it tells the harness."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import click

IN_FLIGHT = 20
VALUE = {"id": 1, "title": "x" * 100}
WARM_UP_SECONDS = 2.0
# The lines that the harness waits for in the client's log.
BEGUN = "bench begins"
ENDED = "bench measured "


@dataclass
class Tally:
    """Round trips of ``seconds``, counted after a warm-up from the first answer on."""

    seconds: float
    clock: Callable[[], float] = perf_counter
    tell: Callable[[str], None] = click.echo
    answers_at: float | None = None
    began: float | None = None
    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    is_full: bool = False

    @classmethod
    def asked_for(cls) -> "Tally":
        return cls(float(os.environ["BENCH_SECONDS"]))

    def add(self, asked: float) -> None:
        now = self.clock()
        self.answers_at = self.answers_at or now
        if self.began is None and now - self.answers_at >= WARM_UP_SECONDS:
            self.begin(now)
        elif self.began is not None and not self.is_full:
            self.latencies.append(now - asked)
            if now - self.began >= self.seconds:
                self.end(now - self.began)

    def fail(self) -> None:
        self.errors += 1

    def begin(self, now: float) -> None:
        self.began, self.errors = now, 0
        self.tell(BEGUN)

    def end(self, seconds: float) -> None:
        self.is_full = True
        self.latencies.sort()
        measured = {
            "requests": len(self.latencies) + self.errors,
            "seconds": seconds,
            "errors": self.errors,
            "p50": 1000 * percentile(self.latencies, 50),
            "p90": 1000 * percentile(self.latencies, 90),
            "p99": 1000 * percentile(self.latencies, 99),
        }
        self.tell(ENDED + json.dumps(measured))


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The least of ``ordered`` that ``percent`` of them do not exceed."""
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]
