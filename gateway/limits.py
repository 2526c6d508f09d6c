"""How often one client may ask, counted in this process alone.

The count is the generic cell rate algorithm: all that is kept of a client is
the moment at which their whole quota will be theirs again.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

MOST_CLIENTS = 50_000
# Far less than any request costs, and more than floats can be wrong by.
ROUNDING = 1e-7


@dataclass(frozen=True, slots=True)
class Verdict:
    """``remaining`` requests are left, all of them again in ``reset`` seconds.

    ``wait`` is in seconds, and None when the request may pass.
    """

    limit: "Limit"
    remaining: int
    reset: int
    wait: int | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"RateLimit-Policy": self.limit.policy, "RateLimit": self.rate}

    @property
    def rate(self) -> str:
        return f'"{self.limit.name}";r={self.remaining};t={self.reset}'


class Limit:
    """``quota`` requests in any ``seconds``, for each client."""

    def __init__(
        self,
        name: str,
        quota: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.seconds, self.clock = name, seconds, clock
        self.policy = f'"{name}";q={quota};w={ceil(seconds)}'
        self._cost = seconds / quota
        self._whole_again: OrderedDict[str, float] = OrderedDict()

    def take(self, client: str) -> Verdict:
        """Count one request of ``client``; a refused one costs nothing."""
        now = self.clock()
        owed = max(self._whole_again.get(client, now), now) - now
        spent = owed + self._cost
        if spent > self.seconds + ROUNDING:
            return Verdict(self, 0, ceil(owed), max(1, ceil(spent - self.seconds)))
        self._keep(client, now + spent, now)
        left = int((self.seconds - spent + ROUNDING) / self._cost)
        return Verdict(self, left, ceil(spent))

    def _keep(self, client: str, moment: float, now: float) -> None:
        """Those who asked last are at the end, so the oldest go first."""
        clients = self._whole_again
        clients[client] = moment
        clients.move_to_end(client)
        while len(clients) > MOST_CLIENTS or next(iter(clients.values())) < now:
            clients.popitem(last=False)


def limits_from(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Limit]:
    """By name; of ``{name: {quota: requests, seconds: of the window}}``.

    Raises ``ValueError`` for a limit that would let nobody pass.
    """
    return {name: limit_from(name, one) for name, one in settings.items()}


def limit_from(name: str, setting: Mapping[str, Any]) -> Limit:
    quota, seconds = int(setting["quota"]), float(setting["seconds"])
    if quota < 1 or seconds <= 0:
        raise ValueError(
            f"RATE_LIMITS.{name}: quota is {quota}, seconds {seconds:g}; "
            "both must be more than 0"
        )
    return Limit(name, quota, seconds)
