"""`shopnow logs`: what the services have said, told as one story."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from ops.errors import Problem
from ops.stack import lines
from ops.stack.logs import Tail
from ops.stack.services import SERVICES
from ops.stack.settings import Settings

SHOWN = 50
LOOK_SECONDS = 0.2
NOTHING_FOUND = 1
LOUD = ("error", "critical")


@dataclass(frozen=True)
class Line:
    process: str
    text: str
    said: dict[str, Any]

    @property
    def is_trouble(self) -> bool:
        """As `/errors` of a process sees it."""
        level = self.said.get("level")
        return level in LOUD or (level == "warning" and "outcome" in self.said)


@dataclass
class Wanted:
    """Lines of one request or trace, or of all; maybe those of trouble alone."""

    request: str | None = None
    trace: str | None = None
    errors: bool = False
    traces: set[str] = field(default_factory=set)

    @property
    def is_about_one(self) -> bool:
        return bool(self.request or self.trace)

    def pick(self, found: Sequence[Line]) -> list[Line]:
        """A line without the request's id may still belong to its trace."""
        own = (line.said for line in found if line.said.get("request_id"))
        mine = (said for said in own if said["request_id"] == self.request)
        self.traces |= {said["trace_id"] for said in mine if "trace_id" in said}
        return [line for line in found if self.has(line)]

    def has(self, line: Line) -> bool:
        if self.errors and not line.is_trouble:
            return False
        if not self.is_about_one:
            return True
        trace, request = line.said.get("trace_id"), line.said.get("request_id")
        is_its_trace = trace is not None and trace in (self.trace, *self.traces)
        return is_its_trace or (request is not None and request == self.request)


@click.command()
@click.argument("service", required=False)
@click.option("--request", metavar="ID", help="Only what one request has led to.")
@click.option("--trace", metavar="ID", help="Only what belongs to one trace.")
@click.option("--errors", is_flag=True, help="Only what went wrong on our side.")
@click.option(
    "-n",
    "--lines",
    "most",
    type=click.IntRange(1),
    default=SHOWN,
    show_default=True,
    help="How many of the last ones; of a request or a trace all.",
)
@click.option("-f", "--follow", is_flag=True, help="Go on, until Ctrl-C.")
@click.option("--json", "raw", is_flag=True, help="The lines as they were written.")
def logs(service: str | None, most: int, follow: bool, raw: bool, **about: Any) -> None:
    """Show what the local stack's services have logged, in the order of time.

    SERVICE is one of them or one of their processes: gateway, gateway.2.  The
    exit code is 1 when there are no such lines.
    """
    tails = opened(Settings.load(os.environ).run_dir / "log", service)
    wanted = Wanted(**about)
    chosen = wanted.pick(read(tails))
    show(chosen if wanted.is_about_one else chosen[-most:], raw)
    while follow:
        time.sleep(LOOK_SECONDS)
        show(wanted.pick(read(tails)), raw)
    if not chosen:
        click.echo("no such lines", err=True)
        click.get_current_context().exit(NOTHING_FOUND)


def opened(folder: Path, service: str | None) -> dict[str, Tail]:
    known = {each.name for each in SERVICES}
    files = {f.stem: f for f in sorted(folder.glob("*.log")) if owner(f.stem) in known}
    if not files:
        raise Problem("nothing has been logged here yet; make start")
    chosen = [name for name in files if service in (None, name, owner(name))]
    if not chosen:
        raise Problem(f"there is no {service}; there are {', '.join(files)}")
    return {name: Tail(files[name], 0) for name in chosen}


def owner(process: str) -> str:
    return process.partition(".")[0]


def read(tails: dict[str, Tail]) -> list[Line]:
    """What is new, in the order of time."""
    found = [line for name, tail in tails.items() for line in ours(name, tail.lines())]
    return sorted(found, key=lambda line: str(line.said.get("time")))


def ours(process: str, texts: Sequence[str]) -> Iterator[Line]:
    """Without what others print there, which bears no time."""
    for text in texts:
        said = lines.record(text)
        if said is not None and not lines.is_noise(said):
            yield Line(process, text, said)


def show(found: Sequence[Line], raw: bool) -> None:
    width = max((len(line.process) for line in found), default=0)
    for line in found:
        shown = lines.readable(f"{line.process:{width}}", line.text)
        click.echo(line.text if raw else shown)
