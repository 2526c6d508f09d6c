"""Until when a caller waits, told to everybody who works for it.

A deadline is a moment, in milliseconds since the epoch, in the context data
of a worker; Nameko carries it in the headers of every call the worker makes.
The machines' clocks must agree to within a few milliseconds, as NTP keeps them.
"""

import time
from collections.abc import Mapping
from typing import Any

DEADLINE = "deadline"


def within(seconds: float) -> int:
    """The deadline of something that may take ``seconds`` from now."""
    return int((time.time() + seconds) * 1000)


def remaining(context: Mapping[str, Any], most: float) -> float:
    """The seconds left of ``context``'s deadline, ``most`` if that is less."""
    deadline = context.get(DEADLINE)
    if not isinstance(deadline, int):
        return most
    return min(most, deadline / 1000 - time.time())
