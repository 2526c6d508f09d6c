"""How often somebody may ask, counted in Redis for all processes together."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Protocol

from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from common.metrics.pools import POOLS, of_redis
from common.redis_store import TARGET, asking, redis_guard, trace_commands, within
from common.resilience import Guard

# Whoever asks waits for it, and Redis answers in less than a thousandth.
REDIS_SECONDS = 0.3
# Of a quota, and of the seconds of its window: a day.
MOST = {"quota": 10**9, "seconds": 86_400}


@dataclass(frozen=True, slots=True)
class Quota:
    """``amount`` requests in any ``seconds``.

    A ``strict`` one is counted request by request, and nobody passes uncounted.
    """

    name: str
    amount: int
    seconds: int
    strict: bool = False

    @property
    def policy(self) -> str:
        return f'"{self.name}";q={self.amount};w={self.seconds}'

    def changed(self, numbers: Any) -> "Quota":
        """The same with other ``{quota, seconds}``; raises ``ValueError``."""
        if not isinstance(numbers, Mapping) or numbers.keys() != MOST.keys():
            raise ValueError(f"limit {self.name} needs quota and seconds alone")
        return replace(
            self,
            amount=whole(self.name, "quota", numbers["quota"]),
            seconds=whole(self.name, "seconds", numbers["seconds"]),
        )


def quotas_from(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Quota]:
    """By name; of ``{name: {quota: requests, seconds: of the window, strict: bool}}``.

    Raises ``ValueError`` for a limit that would let nobody pass.
    """
    return {name: quota_from(name, setting) for name, setting in settings.items()}


def quota_from(name: str, setting: Mapping[str, Any]) -> Quota:
    numbers = {key: value for key, value in setting.items() if key != "strict"}
    strict = bool(setting.get("strict", False))
    return Quota(name, 1, 1, strict).changed(numbers)


def whole(name: str, key: str, value: Any) -> int:
    text = str(value)
    if text.isdecimal() and 0 < int(text) <= MOST[key]:
        return int(text)
    raise ValueError(
        f"limit {name}: {key} is {value!r}; it must be a whole number "
        f"from 1 to {MOST[key]:,}"
    )


@dataclass(frozen=True, slots=True)
class Count:
    """``granted`` requests may pass, ``remaining`` more are left after them.

    The next ones are there in ``wait`` seconds.
    """

    granted: int
    remaining: int
    wait: int


class Counts(Protocol):
    def take(self, quota: Quota, who: str, most: int) -> Count:
        """Count up to ``most`` requests; those that are refused cost nothing."""


class SharedCounts:
    """A sliding window of each client, by `limits`; ``uri`` is that of Redis."""

    def __init__(self, uri: str, guard: Guard | None = None) -> None:
        storage = RedisStorage(uri, key_prefix="limits", **within(REDIS_SECONDS))
        trace_commands(storage.storage)
        POOLS.watch(TARGET, storage.storage.connection_pool, of_redis)
        self.limiter = SlidingWindowCounterRateLimiter(storage)
        self.guard = guard or redis_guard()

    def take(self, quota: Quota, who: str, most: int) -> Count:
        """Raises ``Unavailable`` when Redis is away."""
        item = RateLimitItemPerSecond(quota.amount, quota.seconds, quota.name)
        with asking(self.guard):
            return self.counted(item, who, min(most, quota.amount))

    def counted(self, item: RateLimitItemPerSecond, who: str, most: int) -> Count:
        granted = most if self.limiter.hit(item, who, cost=most) else 0
        found = self.limiter.get_window_stats(item, who)
        remaining = found.remaining
        if not granted and 0 < remaining < most:
            granted = remaining if self.limiter.hit(item, who, cost=remaining) else 0
            remaining -= granted
        return Count(granted, remaining, max(1, ceil(found.reset_time - time.time())))
