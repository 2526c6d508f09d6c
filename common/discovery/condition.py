"""Whether this process can do its work, as it tells others.

Whoever is told that a process cannot asks it no more, so a moment's trouble is
kept back: it counts once it has lasted.
"""

from collections.abc import Callable, Mapping
from time import monotonic

LASTING_SECONDS = 3.0
STARTING = {"process": "is starting"}


class Condition:
    """``troubles`` are those that are told, ``{what: what is wrong}``.

    Until it was well once, a process tells all that is wrong at once.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.troubles: Mapping[str, str] = STARTING
        self.is_starting = True
        self.since: float | None = None

    @property
    def is_well(self) -> bool:
        return not self.troubles

    @property
    def is_calm(self) -> bool:
        """Whether nobody has to look: what starts is not well by nature."""
        return self.is_well or self.is_starting

    @property
    def said(self) -> str:
        return "; ".join(f"{what} {trouble}" for what, trouble in self.troubles.items())

    def note(self, troubles: Mapping[str, str]) -> bool:
        """Take in what was found just now; whether something else is told from now."""
        before = self.troubles
        if not troubles:
            self.troubles, self.since, self.is_starting = {}, None, False
        elif self.lasts() or not self.is_well:
            self.troubles = troubles
        return self.troubles != before

    def lasts(self) -> bool:
        now = self.clock()
        if self.since is None:
            self.since = now
        return now - self.since >= LASTING_SECONDS
