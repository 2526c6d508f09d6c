"""What one look at the mix found, and whether the shop bore it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ops.errors import Problem

MOST_P99_MS = 300.0
MOST_ERRORS = 0.001


@dataclass(frozen=True)
class Look:
    """``rate`` is what was asked for a second, 0 for as fast as ``clients`` go.

    ``cpu`` has the CPU-seconds of each process's name, ``kinds`` the requests,
    errors and percentiles of each kind of request.
    """

    rate: float
    seconds: float
    requests: int
    errors: int
    percentiles: Mapping[str, float]
    kinds: Mapping[str, Mapping[str, Any]]
    cpu: Mapping[str, float]
    elsewhere: float
    clients: int = 0
    processes: int = 1
    products: int = 0
    orders: int = 0
    # CPU-seconds a second that the processes use while nobody asks.
    idle: float = 0.0
    statuses: Mapping[str, int] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        return max(self.requests - self.errors, 0)

    @property
    def throughput(self) -> float:
        return self.answered / self.seconds

    def cpu_ms(self, name: str | None = None) -> float:
        """CPU-milliseconds a good answer: of one name, or of all."""
        spent = sum(self.cpu.values()) if name is None else self.cpu.get(name, 0.0)
        return 1000 * spent / max(self.answered, 1)

    @property
    def beyond_idle(self) -> float:
        """CPU-milliseconds a good answer, without what is used while nobody asks."""
        spent = sum(self.cpu.values()) - self.idle * self.seconds
        return 1000 * max(spent, 0.0) / max(self.answered, 1)

    @property
    def p99(self) -> float:
        return self.percentiles.get("p99", float("inf"))

    @property
    def bears(self) -> bool:
        """Whether all were answered, well and in time; no answer is an error."""
        return self.p99 <= MOST_P99_MS and self.errors <= MOST_ERRORS * self.requests

    def line(self) -> str:
        asked = f"{self.rate:,.0f}/s asked" if self.rate else f"{self.clients} clients"
        return (
            f"{asked:>16}: {self.throughput:7,.0f}/s  p50 "
            f"{self.percentiles.get('p50', 0):.1f}  p99 {self.p99:.1f} ms  "
            f"{self.cpu_ms():.3f} CPU-ms  {self.errors} errors"
        )


def parsed(said: str) -> dict[str, Any]:
    """The load generator's words, as a `Look` takes them."""
    lines = said.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        raise Problem(f"the load generator told nothing but {lines[-1:]}")
    found = json.loads(lines[-1])
    every = found["all"]
    statuses = every["errors"]
    unanswered = found["unanswered"]
    marks = {name: every[name] for name in every if name.startswith("p")}
    return {
        "seconds": found["seconds"],
        "requests": every["requests"] + unanswered,
        "errors": sum(statuses.values()) + unanswered,
        "percentiles": marks,
        "kinds": found["kinds"],
        "statuses": statuses | ({"none": unanswered} if unanswered else {}),
    }
