"""One line per step, for whoever waits."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic

import click


def tell(line: str) -> None:
    # The terminal may be gone, and what is being stopped must still be stopped.
    with suppress(OSError):
        click.echo(line)


@contextmanager
def step(done: str) -> Iterator[None]:
    """Say what was done, and how long it took."""
    began = monotonic()
    yield
    tell(f"{done} ({monotonic() - began:.1f} s)")
