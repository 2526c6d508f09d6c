"""One process of the local stack: spawned here, or met again after its supervisor."""

import os
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psutil

from ops.errors import Problem
from ops.stack import logs, programs

GRACE_SECONDS = 20.0
POLL_SECONDS = 0.05
SAME_START_SECONDS = 1.0


@dataclass(frozen=True)
class Command:
    """How to start a process.  ``user`` is who to become; it takes root."""

    name: str
    argv: Sequence[str | Path]
    log: Path
    cwd: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    port: int | None = None
    user: str | None = None
    stop_signal: int = signal.SIGTERM


@dataclass
class Child:
    name: str
    process: psutil.Process
    created: float
    log: Path
    log_start: int
    port: int | None
    stop_signal: int

    @classmethod
    def spawn(cls, command: Command) -> "Child":
        with command.log.open("ab") as log:
            start = log.tell()
            process = popen(command, log)
        return cls(
            name=command.name,
            process=process,
            created=process.create_time(),
            log=command.log,
            log_start=start,
            port=command.port,
            stop_signal=command.stop_signal,
        )

    @classmethod
    def recall(cls, saved: Mapping[str, Any]) -> "Child | None":
        """The process ``saved`` tells of, unless its number is another's by now."""
        process = find(saved["pid"], saved["created"])
        if process is None:
            return None
        return cls(
            name=saved["name"],
            process=process,
            created=saved["created"],
            log=Path(saved["log"]),
            log_start=saved["log_start"],
            port=saved["port"],
            stop_signal=saved["stop_signal"],
        )

    def saved(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "pid": self.process.pid,
            "created": self.created,
            "log": str(self.log),
            "log_start": self.log_start,
            "port": self.port,
            "stop_signal": self.stop_signal,
        }

    @property
    def alive(self) -> bool:
        if isinstance(self.process, psutil.Popen):
            return self.exit_code is None
        return alive(self.process)

    @property
    def exit_code(self) -> int | None:
        """Known of our own processes only."""
        return self.process.poll() if isinstance(self.process, psutil.Popen) else None

    def obituary(self) -> str:
        """How it ended, in one line."""
        return f"{self.name} {self.ending()}"

    def ending(self) -> str:
        code = self.exit_code or 0
        if code < 0:
            # Whatever it said last was not of its end.
            killed = f"was killed by {signal.Signals(-code).name}"
            return f"{killed} ({logs.shown(self.log)})"
        return f"exited with code {code}: {self.last_words()}"

    def sweep(self) -> None:
        """End what it started and left: a broker outlives the script around it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def last_words(self) -> str:
        said = logs.last_words(self.log, self.log_start) or "it said nothing"
        return f"{said} ({logs.shown(self.log)})"


def popen(command: Command, log: Any) -> psutil.Popen:
    try:
        # A session of its own: the terminal's Ctrl-C is for the supervisor alone.
        return psutil.Popen(
            [str(word) for word in command.argv],
            cwd=command.cwd,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **programs.identity(command.user),
        )
    except OSError as trouble:
        raise Problem(f"{command.name} cannot be started: {trouble}") from None


def find(pid: int, created: float) -> psutil.Process | None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        same = abs(process.create_time() - created) < SAME_START_SECONDS
        return process if same and alive(process) else None
    return None


def alive(process: psutil.Process) -> bool:
    # An orphan whose new parent never asks for its exit code stays a zombie.
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def end(children: Iterable[Child]) -> None:
    """Ask them all to stop, wait for them, and kill what is still there then."""
    living = [child for child in children if child.alive]
    for child in living:
        with suppress(psutil.NoSuchProcess):
            child.process.send_signal(child.stop_signal)
    deadline = monotonic() + GRACE_SECONDS
    while monotonic() < deadline and any(child.alive for child in living):
        sleep(POLL_SECONDS)
    for child in living:
        if child.alive:
            with suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
