"""How long calls stand in a target's queue, and who may still join it.

A burst makes a few calls wait, a standing queue makes all of them wait: so it
is the *least* wait of the last moments that counts, as in CoDel (RFC 8289).
"""

from collections import deque
from math import inf

from common.resilience.settings import Settings


class QueueDelay:
    """The least wait seen lately; unknown, so nothing, without fresh samples."""

    def __init__(self, settings: Settings) -> None:
        self.change(settings)
        self.admitted_at = -inf
        # Times and waits both ascend: whoever waited longer before a shorter
        # wait can never be the least again.
        self.samples: deque[tuple[float, float]] = deque()

    def change(self, settings: Settings) -> None:
        self.queue_seconds = settings.queue_seconds
        self.unknown_after_seconds = settings.unknown_after_seconds
        self.trickle_seconds = settings.trickle_seconds
        self.shares = settings.by_value("wait")

    def observe(self, waited: float, now: float) -> None:
        samples = self.samples
        while samples and samples[-1][1] >= waited:
            samples.pop()
        samples.append((now, waited))

    def standing(self, now: float) -> float:
        """The seconds a call must expect to wait."""
        samples = self.samples
        oldest = now - self.queue_seconds
        while len(samples) > 1 and samples[0][0] < oldest:
            samples.popleft()
        if samples and samples[-1][0] < now - self.unknown_after_seconds:
            samples.clear()
        return samples[0][1] if samples else 0.0

    def admits(self, value: str, seconds_left: float, now: float) -> bool:
        """Whether the wait suits; if nobody came for a while one may go and look."""
        suits = self.standing(now) <= self.shares[value] * seconds_left
        if suits or now - self.admitted_at >= self.trickle_seconds:
            self.admitted_at = now
            return True
        return False
