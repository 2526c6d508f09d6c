"""How often one client may ask: of what all processes count, each leases a part.

A request that spends of its client's lease waits for nobody; whoever finds the
lease used up waits until the next one has been counted.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from common.errors import Unavailable
from common.limiting import Count, Counts, Quota, quotas_from
from gateway.counting import LocalCounts

# Whoever watches over us asks as often as they like, whatever is switched off.
NEVER = "never"
MOST_CLIENTS = 50_000
# Of a quota: the largest lease, and what a client whom this process does not know
# may ask for before the first one.  Most clients never need more.
LARGEST_LEASE = 1 / 20
ON_CREDIT = 1 / 100
# Who is refused is not counted again for so long, however often they ask.
REFUSED_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """``remaining`` requests are left as far as we know, more in ``reset`` seconds.

    ``wait`` is in seconds, and None when the request may pass.
    """

    quota: Quota
    remaining: int
    reset: int
    wait: int | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"RateLimit-Policy": self.quota.policy, "RateLimit": self.rate}

    @property
    def rate(self) -> str:
        return f'"{self.quota.name}";r={self.remaining};t={self.reset}'


@dataclass(slots=True)
class Lease:
    """``left`` requests may pass, ``owed`` of them are not yet counted.

    ``remaining`` is what others left when we counted last, ``more_at`` when there
    will be more, and until ``closed_until`` there is no use in asking.
    """

    left: int
    owed: int
    size: int
    remaining: int
    more_at: float
    until: float
    closed_until: float = 0.0
    buying: bool = False

    def add(self, count: Count, debt: int, now: float, seconds: int) -> None:
        """What has been counted, ``debt`` of which was spent before."""
        paid = min(count.granted, debt)
        self.owed += debt - paid
        self.left += count.granted - paid
        self.remaining = count.remaining
        self.more_at, self.until = now + count.wait, now + seconds
        if not count.granted:
            self.closed_until = now + min(count.wait, REFUSED_SECONDS)


class Limit:
    """``quota`` for each client; ``shared`` counts for all processes, if it can."""

    def __init__(
        self,
        quota: Quota,
        shared: Counts | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.shared, self.clock = shared, clock
        self.local = LocalCounts(clock)
        self.leases: OrderedDict[str, Lease] = OrderedDict()
        self.configured = quota
        self.change(quota)

    def change(self, quota: Quota) -> None:
        """From now on; what was leased before is no longer good."""
        self.quota = quota
        self.largest = 1 if quota.strict else max(1, int(quota.amount * LARGEST_LEASE))
        self.credit = 0 if quota.strict else int(quota.amount * ON_CREDIT)
        self.leases.clear()
        self.local.clear()

    def spend(self, client: str) -> Verdict | None:
        """Let one request pass if that takes no waiting."""
        now = self.clock()
        lease = self.leases.get(client)
        if lease is None or lease.until <= now:
            lease = self._begin(client, now)
        if not lease.left:
            return None
        lease.left -= 1
        reset = max(0, ceil(lease.more_at - now))
        return Verdict(self.quota, lease.left + lease.remaining, reset)

    def take(self, client: str) -> Verdict:
        """Count one request of ``client``; raises ``Unavailable`` if it cannot be."""
        return self.spend(client) or self._refused(client) or self._bought(client)

    def _refused(self, client: str) -> Verdict | None:
        lease, now = self.leases[client], self.clock()
        if lease.closed_until <= now:
            return None
        wait = max(1, ceil(lease.more_at - now))
        return Verdict(self.quota, 0, wait, wait)

    def _bought(self, client: str) -> Verdict:
        lease = self.leases[client]
        # Who asks while another buys for the same client needs one, not a lease more.
        if lease.buying:
            return self._passed(client, lease, 1, 0)
        lease.buying = True
        debt, lease.owed = lease.owed, 0
        try:
            return self._passed(client, lease, lease.size + debt, debt)
        finally:
            lease.buying = False

    def _passed(self, client: str, lease: Lease, size: int, debt: int) -> Verdict:
        quota = self.quota
        count = self._counted(quota, client, size)
        if quota is not self.quota:
            return self.take(client)
        lease.add(count, debt, self.clock(), quota.seconds)
        lease.size = min(max(lease.size, 2 * (size - debt)), self.largest)
        self._keep(client, lease)
        wait = count.wait
        return self.spend(client) or Verdict(quota, 0, wait, wait)

    def _counted(self, quota: Quota, client: str, most: int) -> Count:
        if self.shared is None:
            return self.local.take(quota, client, most)
        try:
            return self.shared.take(quota, client, most)
        except Unavailable:
            if quota.strict:
                raise
            return self.local.take(quota, client, most)

    def _begin(self, client: str, now: float) -> Lease:
        credit, seconds = self.credit, self.quota.seconds
        rest = self.quota.amount - credit
        size = max(1, credit)
        lease = Lease(credit, credit, size, rest, now + seconds, now + seconds)
        self._keep(client, lease)
        return lease

    def _keep(self, client: str, lease: Lease) -> None:
        """Those who were counted last are at the end, so the oldest go first."""
        leases, now = self.leases, self.clock()
        leases[client] = lease
        leases.move_to_end(client)
        while len(leases) > MOST_CLIENTS or next(iter(leases.values())).until < now:
            leases.popitem(last=False)


def limits_from(
    settings: Mapping[str, Mapping[str, Any]], shared: Counts | None = None
) -> dict[str, Limit]:
    quotas = quotas_from(settings)
    return {name: Limit(quota, shared) for name, quota in quotas.items()}
