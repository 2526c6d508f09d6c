"""How late the event loop of this process comes round to what is due."""

from collections.abc import Callable
from time import monotonic

import eventlet

TURN_SECONDS = 0.1
LATE_SECONDS = 0.25


class LoopLag:
    """Asks to be woken ten times a second, and looks how late that happens.

    ``last`` and ``largest`` are in seconds.  A busy machine makes any process
    late for a moment, so being late counts by how long not one turn was on time.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.last = self.largest = 0.0
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
        self.last = max(0.0, lag)
        self.largest = max(self.largest, self.last)
        if self.last <= LATE_SECONDS:
            self.on_time_at = self.clock()

    def read_largest(self) -> float:
        """The largest lag since this was asked last."""
        largest, self.largest = self.largest, 0.0
        return largest

    def late_for(self) -> float:
        """For how many seconds no turn was on time."""
        return self.clock() - self.on_time_at


# A process has one loop.  Its `Registration` runs this.
LOOP_LAG = LoopLag()
