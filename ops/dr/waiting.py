"""Waits for what has to be so before the next step."""

from collections.abc import Callable
from time import monotonic, sleep

from ops.errors import Problem

POLL_SECONDS = 0.1


def until(is_so: Callable[[], object], why: str, seconds: float = 30.0) -> float:
    """How long it took; raise with ``why`` if it is not so in time."""
    began = monotonic()
    while not is_so():
        if monotonic() > began + seconds:
            raise Problem(f"{why}, after {seconds:g} s")
        sleep(POLL_SECONDS)
    return monotonic() - began
