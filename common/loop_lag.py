"""How late the event loop of this process comes round to what is due."""

from collections import deque
from collections.abc import Callable
from time import monotonic

import eventlet

TURN_SECONDS = 0.1
LATE_SECONDS = 0.25
# Two scrapes of Prometheus: each reader meets every peak.
KEPT_SECONDS = 30.0


class LoopLag:
    """Asks to be woken ten times a second, and looks how late that happens.

    ``last`` and `largest` are in seconds.  A busy machine makes any process
    late for a moment, so being late counts by how long not one turn was on time.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.last = 0.0
        # When it was and how late, each smaller than the one before.
        self.peaks: deque[tuple[float, float]] = deque()
        self.on_time_at = clock()

    def run(self) -> None:
        # Whoever runs it again may have paused in between.
        self.on_time_at = self.clock()
        while True:
            due = self.clock() + TURN_SECONDS
            eventlet.sleep(TURN_SECONDS)
            self.note(self.clock() - due)

    def note(self, lag: float) -> None:
        """Count a turn that came ``lag`` seconds after it was due."""
        now = self.clock()
        self.last = max(0.0, lag)
        while self.peaks and self.peaks[-1][1] <= self.last:
            self.peaks.pop()
        self.peaks.append((now, self.last))
        self.forget(now)
        if self.last <= LATE_SECONDS:
            self.on_time_at = now

    def forget(self, now: float) -> None:
        while self.peaks and self.peaks[0][0] < now - KEPT_SECONDS:
            self.peaks.popleft()

    @property
    def largest(self) -> float:
        """The largest lag of the last half minute, whoever else asks."""
        self.forget(self.clock())
        return self.peaks[0][1] if self.peaks else 0.0

    def late_for(self) -> float:
        """For how many seconds no turn was on time."""
        return self.clock() - self.on_time_at


# A process has one loop.  Its `Registration` runs this.
LOOP_LAG = LoopLag()
