"""Whether a call to another service may leave, and what its outcome teaches.

``with guard.admit(value, seconds_left) as permit:`` raises ``circuit_open`` or
``overloaded``, or lets the call go; the permit then hears how it ended.
"""

from collections.abc import Callable
from math import inf
from random import random as at_random
from time import monotonic
from types import TracebackType

from greenlet import GreenletExit

from common.errors import (
    Refusal,
    Unavailable,
    circuit_open,
    overloaded,
    service_unavailable,
)
from common.resilience.breaker import CLOSED, Breaker
from common.resilience.bulkhead import Bulkhead
from common.resilience.queueing import QueueDelay
from common.resilience.retries import RetryBudget
from common.resilience.settings import VALUES, Settings

# Somebody ended the caller; that says nothing about the target.
ENDED = (GreenletExit, GeneratorExit, KeyboardInterrupt, SystemExit)


class Guard:
    """Breaker, bulkhead, queue and retry budget of one target in this process."""

    def __init__(
        self,
        target: str,
        settings: Settings | None = None,
        clock: Callable[[], float] = monotonic,
        random: Callable[[], float] = at_random,
    ) -> None:
        settings = settings or Settings()
        self.target = target
        self.clock = clock
        self.breaker = Breaker(target, settings, random)
        self.bulkhead = Bulkhead(settings)
        self.queue = QueueDelay(settings)
        self.retries = RetryBudget(settings, random)
        self.rejected = self.succeeded = self.failed = self.abandoned = self.away = 0
        self.shed = dict.fromkeys(VALUES, 0)

    def change(self, settings: Settings) -> None:
        """From now on; what is known of the target stays known."""
        for part in (self.breaker, self.bulkhead, self.queue, self.retries):
            part.change(settings)

    def admit(self, value: str = "normal", seconds_left: float = inf) -> "Permit":
        """Let a call go that is ``value`` and has ``seconds_left``, or refuse it.

        Raises ``Unavailable``: ``circuit_open``, or ``overloaded`` if all slots of
        this value are taken or the target's queue is too long for the time left.
        """
        now = self.clock()
        if not self.breaker.admits(now):
            self.rejected += 1
            raise circuit_open()
        if value not in self.shed:
            value = "normal"
        if not (
            self.bulkhead.admits(value) and self.queue.admits(value, seconds_left, now)
        ):
            self.shed[value] += 1
            raise overloaded()
        self.retries.earn()
        self.bulkhead.enter()
        return Permit(self, now, self.breaker.enter())

    def turn_away(self) -> Unavailable:
        """The refusal of a call to a target of which no instance is well."""
        self.away += 1
        return service_unavailable()

    def may_retry(self) -> bool:
        """Take one retry from the budget; then pause, and `admit` it like any call."""
        return self.breaker.state == CLOSED and self.retries.spend()

    def pause(self, retry: int = 0) -> float:
        """The seconds to wait before the first (0), second (1), ... retry."""
        return self.retries.pause(retry)


class Permit:
    """One call under way.  The first report counts, later ones are ignored.

    A permit that nobody reported on is abandoned with its last reference; after
    a kill that may wait for the garbage collector, so better use ``with``.
    """

    __slots__ = ("_era", "_guard", "_started")

    def __init__(self, guard: Guard, started: float, era: int) -> None:
        self._guard: Guard | None = guard
        self._started = started
        self._era = era

    def succeeded(self, waited_seconds: float | None = None) -> None:
        """The target answered, if only to refuse.

        ``waited_seconds``: the latency minus the handler's own time, if known.
        """
        guard, self._guard = self._guard, None
        if guard is None:
            return
        now = guard.clock()
        guard.succeeded += 1
        guard.bulkhead.leave()
        if waited_seconds is not None:
            guard.queue.observe(waited_seconds, now)
        guard.breaker.record(self._era, self._started, now, False)

    def failed(self) -> None:
        """No answer in time, no connection, or one that says ``Unavailable``."""
        guard, self._guard = self._guard, None
        if guard is None:
            return
        guard.failed += 1
        guard.bulkhead.leave()
        guard.breaker.record(self._era, self._started, guard.clock(), True)

    def abandoned(self) -> None:
        """The caller went away before it knew."""
        guard, self._guard = self._guard, None
        if guard is None:
            return
        guard.abandoned += 1
        guard.bulkhead.leave()
        guard.breaker.forget(self._era)

    __del__ = abandoned

    def __enter__(self) -> "Permit":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._guard is None:
            return
        if kind is None:
            self.succeeded()
        elif issubclass(kind, ENDED):
            self.abandoned()
        elif issubclass(kind, Refusal) and not issubclass(kind, Unavailable):
            self.succeeded()
        else:
            self.failed()
