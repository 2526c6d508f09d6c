"""How far the replay is: bars for a person, lines for a log."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

SECONDS_BETWEEN_LINES = 10.0

Advance = Callable[[], None]


class Phases(Protocol):
    def phase(self, name: str, total: int) -> AbstractContextManager[Advance]: ...


class RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Over all the time it took: what is done at once has no speed for rich."""
        seconds = task.finished_time if task.finished else task.elapsed
        return Text(rate(task.completed, seconds or 0.0))


class Bars:
    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def phase(self, name: str, total: int) -> Iterator[Advance]:
        # Drawn rarely: the shop runs on the same cores.
        bar = Progress(*columns(), console=self._console, refresh_per_second=4)
        with bar:
            task = bar.add_task(name, total=total)
            yield lambda: bar.advance(task)


def columns() -> tuple[ProgressColumn, ...]:
    return (
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )


def rate(done: float, seconds: float) -> str:
    """Slow work shows two places, or it would look like none."""
    speed = done / seconds if seconds else 0.0
    return f"{speed:,.2f}/s" if 0 < speed < 1 else f"{speed:,.1f}/s"


@dataclass
class Count:
    name: str
    total: int
    began: float
    done: int = 0

    def line(self, now: float) -> str:
        seconds = now - self.began
        far = f"{self.done:,}/{self.total:,}"
        return f"{self.name}: {far} in {seconds:.1f} s ({rate(self.done, seconds)})"


class Lines:
    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock

    @contextmanager
    def phase(self, name: str, total: int) -> Iterator[Advance]:
        count = Count(name, total, self._clock())
        said = count.began

        def advance() -> None:
            nonlocal said
            count.done += 1
            if (now := self._clock()) - said >= SECONDS_BETWEEN_LINES:
                said = now
                click.echo(count.line(now), err=True)

        yield advance
        click.echo(count.line(self._clock()), err=True)


def for_stderr() -> Phases:
    return Bars(Console(stderr=True)) if sys.stderr.isatty() else Lines()
