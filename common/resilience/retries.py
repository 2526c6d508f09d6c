"""Retries on a budget: an outage must not multiply its own load."""

from collections.abc import Callable

from common.resilience.settings import Settings

MOST_DOUBLINGS = 5


class RetryBudget:
    """Every call earns a part of a retry, up to a reserve that one starts with."""

    def __init__(self, settings: Settings, random: Callable[[], float]) -> None:
        self.tokens = float(settings.retry_reserve)
        self.random = random
        self.spent = 0
        self.change(settings)

    def change(self, settings: Settings) -> None:
        self.ratio = settings.retry_ratio
        self.reserve = float(settings.retry_reserve)
        self.pause_seconds = settings.retry_pause_seconds
        self.tokens = min(self.tokens, self.reserve)

    def earn(self) -> None:
        if self.tokens < self.reserve:
            self.tokens = min(self.tokens + self.ratio, self.reserve)

    def spend(self) -> bool:
        # The retry is a call again and will earn, but only first attempts may.
        price = 1 + self.ratio
        if self.tokens < price:
            return False
        self.tokens -= price
        self.spent += 1
        return True

    def pause(self, retry: int) -> float:
        """Seconds before the ``retry``-th retry (0, 1, ...), with full jitter."""
        return self.random() * self.pause_seconds * 2 ** min(retry, MOST_DOUBLINGS)
