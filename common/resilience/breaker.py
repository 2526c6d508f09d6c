"""A circuit breaker: who fails too often is left alone for a while.

The libraries serialise their callers, overlook ``eventlet.Timeout``, or let
every waiting call through as a probe.  Nothing in here yields, so greenlets
need no lock.
"""

import logging
from collections import deque
from collections.abc import Callable
from math import inf

from common.resilience.settings import Settings

log = logging.getLogger(__name__)

CLOSED, HALF_OPEN, OPEN = 0, 1, 2
# Processes that saw the same outage do not come back at the same moment.
JITTER_LEAST, JITTER_WIDTH = 0.8, 0.4


class Breaker:
    """Closed while enough calls succeed, else open, then half-open to probes.

    An outcome counts only in the ``era`` that its call began in: a late
    answer says nothing about the probes, nor about the calls after them.
    """

    def __init__(
        self, target: str, settings: Settings, random: Callable[[], float]
    ) -> None:
        self.target = target
        self.random = random
        self.state = CLOSED
        self.era = 0
        self.open_until = self.probes_until = 0.0
        self.outcomes: deque[tuple[float, bool, bool]] = deque()
        self.failures = self.slow = self.in_row = 0
        self.probing = self.passed = 0
        self.change(settings)

    def change(self, settings: Settings) -> None:
        self.settings = settings
        self.slow_seconds = settings.slow_seconds or inf
        self.window_seconds = settings.window_seconds
        self.most_outcomes = settings.most_outcomes
        self.least_calls = settings.least_calls
        self.next_pause = settings.open_seconds

    def admits(self, now: float) -> bool:
        if self.state == CLOSED:
            return True
        if self.state == OPEN:
            if now < self.open_until:
                return False
            self._half_open(now)
        if self.probing + self.passed < self.settings.probes:
            return True
        if now >= self.probes_until:
            # Whoever had the probes died without a word.
            self._half_open(now)
            return True
        return False

    def enter(self) -> int:
        """Begin a call that was just admitted; its era goes to `record`."""
        if self.state == HALF_OPEN:
            self.probing += 1
        return self.era

    def record(self, era: int, started: float, now: float, failed: bool) -> None:
        if era != self.era:
            return
        slow = now - started >= self.slow_seconds
        if self.state == CLOSED:
            self._count(now, failed, slow)
        else:
            self._judge(now, failed, slow)

    def forget(self, era: int) -> None:
        """A call ended that says nothing; its probe may be taken by another."""
        if era == self.era and self.state == HALF_OPEN:
            self.probing -= 1

    def _count(self, now: float, failed: bool, slow: bool) -> None:
        outcomes = self.outcomes
        outcomes.append((now, failed, slow))
        self.failures += failed
        self.slow += slow
        self.in_row = self.in_row + 1 if failed else 0
        oldest = now - self.window_seconds
        while len(outcomes) > self.most_outcomes or outcomes[0][0] < oldest:
            _, failed, slow = outcomes.popleft()
            self.failures -= failed
            self.slow -= slow
        enough = len(outcomes) >= self.least_calls
        if self.in_row >= self.settings.most_in_row:
            self._open(now)
            log.warning("circuit to %s opened: nobody answers there", self.target)
        elif (self.failures or self.slow) and enough:
            self._weigh(now, len(outcomes))

    def _weigh(self, now: float, calls: int) -> None:
        failures, slow = self.failures, self.slow
        too_many_failed = failures >= self.settings.failure_share * calls
        if too_many_failed or slow >= self.settings.slow_share * calls:
            self._open(now)
            log.warning(
                "circuit to %s opened: of %d calls %d failed, %d were slow",
                *(self.target, calls, failures, slow),
            )

    def _judge(self, now: float, failed: bool, slow: bool) -> None:
        if failed:
            self._open(now)
            return
        self.probing -= 1
        self.passed += 1
        self.slow += slow
        if self.passed < self.settings.probes:
            return
        if self.slow >= self.settings.slow_share * self.passed:
            self._open(now)
        else:
            self._close()

    def _open(self, now: float) -> None:
        jitter = JITTER_LEAST + JITTER_WIDTH * self.random()
        self.open_until = now + self.next_pause * jitter
        self.next_pause = min(2 * self.next_pause, self.settings.open_seconds_most)
        self._turn(OPEN)

    def _half_open(self, now: float) -> None:
        self.probes_until = now + self.window_seconds
        self._turn(HALF_OPEN)

    def _close(self) -> None:
        self.next_pause = self.settings.open_seconds
        self._turn(CLOSED)
        log.info("circuit to %s closed", self.target)

    def _turn(self, state: int) -> None:
        self.state = state
        self.era += 1
        self.outcomes.clear()
        self.failures = self.slow = self.in_row = self.probing = self.passed = 0
