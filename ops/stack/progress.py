"""One line per step, for whoever waits."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from threading import Event
from time import monotonic

import click

# Set in a supervisor, whose lines are read hours later.
timed = Event()


def tell(line: str) -> None:
    if timed.is_set():
        line = f"{datetime.now():%H:%M:%S} {line}"
    # The terminal may be gone, and what is being stopped must still be stopped.
    with suppress(OSError):
        click.echo(line)


@contextmanager
def step(done: str) -> Iterator[None]:
    """Say what was done, and how long it took."""
    began = monotonic()
    yield
    tell(f"{done} ({monotonic() - began:.1f} s)")
