"""How often one client has asked, counted in this process alone.

The count is the generic cell rate algorithm: all that is kept of a client is
the moment at which their whole quota will be theirs again.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from common.limiting import Count, Quota

MOST_CLIENTS = 50_000
# Far less than any request costs, and more than floats can be wrong by.
ROUNDING = 1e-7


class LocalCounts:
    """The clients of one limit, for as long as nobody else can count them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._whole_again: OrderedDict[str, float] = OrderedDict()

    def take(self, quota: Quota, who: str, most: int) -> Count:
        """Count up to ``most`` requests; those that are refused cost nothing."""
        now, cost = self.clock(), quota.seconds / quota.amount
        owed = max(self._whole_again.get(who, now), now) - now
        left = int((quota.seconds - owed + ROUNDING) / cost)
        granted = min(most, left)
        if not granted:
            return Count(0, 0, max(1, ceil(owed + cost - quota.seconds)))
        spent = owed + granted * cost
        self._keep(who, now + spent, now)
        return Count(granted, left - granted, ceil(spent))

    def _keep(self, who: str, moment: float, now: float) -> None:
        """Those who asked last are at the end, so the oldest go first."""
        clients = self._whole_again
        clients[who] = moment
        clients.move_to_end(who)
        while len(clients) > MOST_CLIENTS or next(iter(clients.values())) < now:
            clients.popitem(last=False)

    def clear(self) -> None:
        self._whole_again.clear()
