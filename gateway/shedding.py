"""Who is refused at the door, before a worker is made for them.

The guards of the targets know best who must be refused, but they are asked in
a worker.  Under a flood most are refused, and each no should cost little.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from common.errors import Unavailable, overloaded
from common.resilience import Bulkhead, Settings

# What a route was refused with is its answer for so long.
HELD_SECONDS = 0.02
HELD_CODES = ("overloaded", "circuit_open")
NEVER: tuple[float, tuple[Any, ...]] = (0.0, ())


class Shedding:
    """``most`` requests are worked on at once, the least valuable fewer."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.room = Bulkhead(Settings(max_in_flight=most))
        self.clock = clock
        # Only what they were made of: what was raised holds on to a whole request.
        self.held: dict[tuple[str, str], tuple[float, tuple[Any, ...]]] = {}

    @contextmanager
    def admitted(self, route: Any) -> Iterator[None]:
        """Raises ``Unavailable`` where there is no room, or was none just now."""
        name = route.method, route.url
        until, refusal = self.held.get(name, NEVER)
        if refusal and self.clock() < until:
            raise Unavailable(*refusal)
        if not self.room.admits(route.value):
            raise overloaded()
        self.room.enter()
        try:
            yield
        except Unavailable as refused:
            if refused.code in HELD_CODES:
                self.held[name] = (self.clock() + HELD_SECONDS, refused.args)
            raise
        finally:
            self.room.leave()
