"""What a supervisor leaves in `.run/` for those who ask after it."""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import psutil

from ops.errors import Problem
from ops.stack.child import Child, find
from ops.stack.secrets import write_private

Phase = Literal["starting", "ready", "stopping", "stopped", "failed"]


@dataclass
class State:
    """``supervisor`` is a process's number and the time of its birth."""

    phase: Phase = "stopped"
    supervisor: tuple[int, float] = (0, 0.0)
    problem: str = ""
    addresses: list[tuple[str, str]] = field(default_factory=list)
    servers: list[dict[str, Any]] = field(default_factory=list)
    services: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, run_dir: Path) -> "State":
        file = run_dir / "state.json"
        return cls(**json.loads(file.read_text())) if file.exists() else cls()

    def write(self, run_dir: Path) -> None:
        write_private(run_dir / "state.json", json.dumps(asdict(self)))

    def keeper(self) -> psutil.Process | None:
        """The supervisor, when it lives."""
        return find(*self.supervisor) if self.supervisor[0] else None

    def left_over(self) -> tuple[list[Child], list[Child]]:
        """The services and the servers that still live."""
        return recall(self.services), recall(self.servers)

    def is_whole(self) -> bool:
        written = len(self.services) + len(self.servers)
        services, servers = self.left_over()
        return self.phase == "ready" and len(services + servers) == written > 0

    def is_open(self, parts: Iterable[str] = ()) -> bool:
        """Whether it is kept, ready, and ``parts`` are among what it runs."""
        names = {each["name"] for each in [*self.servers, *self.services]}
        running = {name.partition(".")[0] for name in names}
        return self.phase == "ready" and bool(self.keeper()) and running >= {*parts}

    def summary(self) -> str:
        """How it stands, in one line."""
        if keeper := self.keeper():
            return f"{self.phase}, kept by pid {keeper.pid}"
        if any(self.left_over()):
            return "the supervisor is gone; make stop ends what it has left"
        return f"{self.phase}: {self.problem}" if self.problem else "not running"


def recall(saved: Iterable[dict[str, Any]]) -> list[Child]:
    return [child for child in map(Child.recall, saved) if child]


def this_process() -> tuple[int, float]:
    return os.getpid(), psutil.Process().create_time()


@contextmanager
def exclusive(run_dir: Path) -> Iterator[None]:
    """Be the only supervisor of this run directory."""
    run_dir.mkdir(parents=True, exist_ok=True)
    with (run_dir / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem("already running; make status shows it") from None
        yield
