"""What somebody on call sees of the shop at one moment, for the page and the table."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Level = Literal["problem", "warning"]
State = Literal["closed", "half-open", "open"]
# What asks for these is a machine, and paths that there are not come from anywhere:
# neither says anything of what customers meet.
UNKNOWN = "unknown"
OF_MACHINES = ("/healthz", "/readyz", UNKNOWN)


@dataclass(frozen=True)
class Instance:
    """One process, or a backing server, as Consul and its own figures have it.

    What it does not tell is None.  ``cpu`` is a share of one core.
    """

    service: str
    id: str
    state: str
    note: str = ""
    version: str = ""
    region: str = ""
    pid: str = ""
    uptime: float | None = None
    cpu: float | None = None
    memory: float | None = None
    lag: float | None = None
    is_ours: bool = True


@dataclass(frozen=True)
class Route:
    """Requests of one route, or all: times in seconds, None where none was measured."""

    name: str
    rate: float
    failed: float
    count: float
    p50: float | None = None
    p99: float | None = None

    @property
    def is_of_machines(self) -> bool:
        return self.name.rpartition(" ")[2] in OF_MACHINES

    @property
    def share_failed(self) -> float:
        return self.failed / self.count if self.count else 0.0


@dataclass(frozen=True)
class Queue:
    """A queue, or those that the processes of a service have each for itself."""

    name: str
    ready: int
    unacked: int
    consumers: int
    rate: float

    @property
    def is_quiet(self) -> bool:
        return bool(self.consumers) and not (self.ready or self.unacked or self.rate)


@dataclass(frozen=True)
class Breaker:
    """Circuits of all processes of ``caller`` to ``target``, the worst of them."""

    caller: str
    target: str
    state: State
    in_flight: float
    refused: float

    @property
    def is_quiet(self) -> bool:
        return self.state == "closed" and not self.refused


@dataclass(frozen=True)
class Lag:
    """How long something has been waiting, and how much of it."""

    what: str
    seconds: float
    count: float | None = None


@dataclass(frozen=True)
class Failure:
    """A line of an error ring."""

    time: str
    service: str
    message: str
    outcome: str = ""
    entrypoint: str = ""
    exception: str = ""
    request_id: str = ""
    trace_id: str = ""


@dataclass(frozen=True)
class Finding:
    """What needs a look, where it is on the page, and what to type next."""

    level: Level
    text: str
    section: str
    command: str = ""


@dataclass(frozen=True)
class Moment:
    """What all customers met between two looks."""

    rate: float = 0.0
    failed: float = 0.0
    p99: float | None = None


@dataclass(frozen=True)
class View:
    at: datetime
    # Over how many seconds rates and quantiles are; 0 before there are any.
    seconds: float
    instances: list[Instance] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    calls: list[Route] = field(default_factory=list)
    total: Route | None = None
    past: list[Moment] = field(default_factory=list)
    queues: list[Queue] = field(default_factory=list)
    breakers: list[Breaker] = field(default_factory=list)
    outbox: list[Lag] = field(default_factory=list)
    sagas: list[Lag] = field(default_factory=list)
    dead_letters: int | None = None
    errors: list[Failure] = field(default_factory=list)
    # Live settings that somebody has set, by their key under ``shopnow/``.
    settings: dict[str, str] = field(default_factory=dict)
    # Who could not be asked, and why.
    blind: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def level(self) -> Level | Literal["fine"]:
        levels = {finding.level for finding in self.findings}
        if "problem" in levels:
            return "problem"
        return "warning" if levels else "fine"
