"""The report on the sign-in: what a crowd costs, and what a stranger can tell."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.crowd import PEOPLE
from bench.guesses import Guesses
from bench.readers import PER_SECOND
from bench.report import QUICK_LOOKS, RESULTS, table
from bench.tally import percentile
from ops.stack.logs import shown
from ops.stack.progress import tell

# What a crowd may cost the others, and how far two medians may be apart.
MOST_SLOWER, MOST_DIFFERENT = 2.0, 0.05
PERCENTS = (50, 90, 99)


@dataclass(frozen=True)
class Findings:
    """Sorted milliseconds of reads alone and beside the crowd, and of sign-ins."""

    idle: list[float]
    stormy: list[float]
    errors: int
    statuses: Mapping[str, int]
    sign_ins: list[float]
    guesses: Guesses

    @classmethod
    def of(cls, rounds: Iterable[tuple[Any, Any, Any]], guesses: Guesses) -> "Findings":
        """Of all ``rounds`` together."""
        alone, beside, crowds = (list(each) for each in zip(*rounds, strict=True))
        return cls(
            idle=latencies(alone),
            stormy=latencies(beside),
            errors=sum(each["errors"] for each in alone + beside),
            statuses=sum((Counter(each["statuses"]) for each in crowds), Counter()),
            sign_ins=latencies(crowds),
            guesses=guesses,
        )

    @property
    def slower(self) -> float:
        return percentile(self.stormy, 99) / percentile(self.idle, 99)


def latencies(parts: Iterable[Any]) -> list[float]:
    return sorted(latency for part in parts for latency in part["latencies"])


def write(
    found: Findings, where: Mapping[str, str], seconds: float, counts: bool
) -> None:
    place: Path = RESULTS if counts else QUICK_LOOKS
    place.mkdir(parents=True, exist_ok=True)
    file = place / "identity.md"
    file.write_text(render(found, where, seconds))
    for target in judged(found):
        tell(": ".join(target))
    tell(f"{shown(file)} is written ({seconds:.0f} s)")


def render(found: Findings, where: Mapping[str, str], seconds: float) -> str:
    known, unknown = found.guesses.known, found.guesses.unknown
    refused = {"of people who are there": known, "of nobody": unknown}
    parts = [
        "# The sign-in, measured",
        "`make bench-identity` wrote this; [README](../README.md) says how it "
        f"measures. It took {seconds:.0f} s.",
        table(("machine", ""), where.items()),
        "## A crowd",
        f"{PER_SECOND} reads a second of the catalogue, alone and beside {PEOPLE} "
        "people who sign in all the time. Latencies are in milliseconds.",
        table(("", "count", "p50", "p90", "p99"), rows(found)),
        f"Reads that were not answered with 200: {found.errors}. Answers to the "
        f"crowd by status: {told(found.statuses)}.",
        "## Guesses",
        "Wrong passwords, one at a time.",
        table(
            ("", "count", "median"),
            ((name, str(len(t)), f"{median(t):.2f}") for name, t in refused.items()),
        ),
        f"The medians differ by {found.guesses.difference:.2%}. Two samples of one "
        f"kind would differ as much with probability {found.guesses.chance:.2f} "
        "(Mann-Whitney U).",
        "## Targets",
        table(("target", "measured", "met"), judged(found)),
    ]
    return "\n\n".join(parts) + "\n"


def rows(found: Findings) -> Iterator[list[str]]:
    kinds = {
        "reads, alone": found.idle,
        "reads, beside the crowd": found.stormy,
        "sign-ins of the crowd": found.sign_ins,
    }
    for name, times in kinds.items():
        yield [
            name,
            str(len(times)),
            *(f"{percentile(times, p):.1f}" for p in PERCENTS),
        ]


def told(statuses: Mapping[str, int]) -> str:
    counts = sorted(statuses.items())
    return ", ".join(f"{status} {count:,} times" for status, count in counts)


def judged(found: Findings) -> Iterator[tuple[str, str, str]]:
    difference = found.guesses.difference
    yield (
        f"a crowd makes the p99 of a read at most {MOST_SLOWER:g} times as long",
        f"{found.slower:.2f}",
        verdict(found.slower <= MOST_SLOWER and not found.errors),
    )
    yield (
        f"known and unknown differ by less than {MOST_DIFFERENT:.0%}",
        f"{difference:.2%}",
        verdict(difference < MOST_DIFFERENT),
    )


def verdict(met: bool) -> str:
    return "yes" if met else "no"
