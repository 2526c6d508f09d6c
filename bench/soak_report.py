"""What a soak has shown: a verdict for each thing that may add up over time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bench.tally import percentile

FIRST_FAILURE = 500
# The promise of docs/slo.md; how fast a shop is, the other benchmarks say.
FAILURES_IN = 10_000
# How much slower the last quarter may be than the second; in the first all is new.
MOST_SLOWER = 2.0
# What a process may have grown from the first quarter's end to the end.
MOST_GROWTH, MOST_GROWN_MB = 0.10, 8.0
MB = 1024**2
Memory = list[tuple[float, Mapping[str, int]]]


@dataclass(frozen=True)
class Found:
    """``answers``: seconds since the beginning, seconds it took, status.

    ``memory``: seconds since the beginning, bytes of each process by its name.
    """

    answers: list[tuple[float, float, int]]
    orders: int
    missing: list[str]
    memory: Memory
    violations: list[str]
    restarts: list[str] = field(default_factory=list)

    @property
    def failures(self) -> int:
        """Of the shop: a refusal is an answer, no answer is none."""
        return sum(not 0 < each[2] < FIRST_FAILURE for each in self.answers)

    def p99_ms(self, quarter: int) -> float:
        """Of what was due in that quarter of the time, from 0."""
        length = max((each[0] for each in self.answers), default=0.0) / 4
        due = [
            each for each in self.answers if quarter <= each[0] / length <= quarter + 1
        ]
        return 1000 * percentile(sorted(each[1] for each in due), 99)

    def grown(self) -> dict[str, tuple[float, float]]:
        """MB of each process at the end of the first quarter, and at the end."""
        if not self.memory:
            return {}
        last = self.memory[-1]
        first = next(each for each in self.memory if each[0] >= last[0] / 4)
        return {
            name: (first[1][name] / MB, size / MB)
            for name, size in last[1].items()
            if name in first[1]
        }


@dataclass(frozen=True)
class Verdict:
    text: str
    found: str
    met: bool

    def line(self) -> str:
        return f"{'met   ' if self.met else 'MISSED'}  {self.text}: {self.found}"


def verdicts(found: Found) -> Iterator[Verdict]:
    asked = len(found.answers)
    yield Verdict(
        f"at most 1 failure in {FAILURES_IN:,}",
        f"{found.failures} of {asked:,}",
        asked > 0 and found.failures * FAILURES_IN <= asked,
    )
    if asked:
        before, after = found.p99_ms(1), found.p99_ms(3)
        yield Verdict(
            f"the last quarter's p99 is at most {MOST_SLOWER:g} times the second's",
            f"{before:.0f} to {after:.0f} ms",
            after <= MOST_SLOWER * before,
        )
    yield Verdict(
        "every order that was acknowledged is there and confirmed",
        f"{len(found.missing)} missing of {found.orders:,}",
        found.orders > 0 and not found.missing,
    )
    yield Verdict(
        "the books add up",
        "; ".join(found.violations[:3]) or "no violation",
        not found.violations,
    )
    yield Verdict(
        "no process was started again",
        ", ".join(found.restarts) or "none",
        not found.restarts,
    )
    for name, (before, after) in sorted(found.grown().items()):
        most = max(before * (1 + MOST_GROWTH), before + MOST_GROWN_MB)
        yield Verdict(
            f"{name} grows by at most {MOST_GROWTH:.0%} or {MOST_GROWN_MB:.0f} MB",
            f"{before:.0f} to {after:.0f} MB",
            after <= most,
        )
