"""How often one client may ask, counted in this process alone.

The count is the generic cell rate algorithm: all that is kept of a client is
the moment at which their whole quota will be theirs again.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Any

MOST_CLIENTS = 50_000
# Who has one IPv6 address has 2^64 of them, and is one client all the same.
IPV6_NETWORK_BYTES = 8
LONGEST_NAME = 64
# Far less than any request costs, and more than floats can be wrong by.
ROUNDING = 1e-7


@dataclass(frozen=True, slots=True)
class Verdict:
    """``remaining`` requests are left, all of them again in ``reset`` seconds.

    ``wait`` is in seconds, and None when the request may pass.
    """

    remaining: int
    reset: int
    wait: int | None = None


class Limit:
    """``quota`` requests in any ``seconds``, for each client."""

    def __init__(
        self,
        name: str,
        quota: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.quota, self.seconds = name, quota, seconds
        self.clock = clock
        self.policy = f'"{name}";q={quota};w={ceil(seconds)}'
        self._cost = seconds / quota
        self._whole_again: OrderedDict[str, float] = OrderedDict()

    def take(self, client: str) -> Verdict:
        """Count one request of ``client``; a refused one costs nothing."""
        now = self.clock()
        owed = max(self._whole_again.get(client, now), now) - now
        spent = owed + self._cost
        if spent > self.seconds + ROUNDING:
            return Verdict(0, ceil(owed), max(1, ceil(spent - self.seconds)))
        self._keep(client, now + spent, now)
        left = int((self.seconds - spent + ROUNDING) / self._cost)
        return Verdict(left, ceil(spent))

    def _keep(self, client: str, moment: float, now: float) -> None:
        """Those who asked last are at the end, so the oldest go first."""
        clients = self._whole_again
        clients[client] = moment
        clients.move_to_end(client)
        while len(clients) > MOST_CLIENTS or next(iter(clients.values())) < now:
            clients.popitem(last=False)


def said(limit: Limit, verdict: Verdict) -> str:
    """The value of the ``RateLimit`` header."""
    return f'"{limit.name}";r={verdict.remaining};t={verdict.reset}'


def limits_from(settings: dict[str, dict[str, Any]]) -> dict[str, Limit]:
    """By name; of ``{name: {quota: requests, seconds: of the window}}``."""
    return {
        name: Limit(name, int(one["quota"]), float(one["seconds"]))
        for name, one in settings.items()
    }


def client_of(peer: str, forwarded: str, trusted_proxies: int) -> str:
    """Whose request it is: ``peer``'s, or whom our own proxies name.

    Each proxy adds the address it saw to the right of ``X-Forwarded-For``;
    what stands further left than ours is the client's own invention.
    """
    address = peer
    if trusted_proxies and forwarded:
        hops = [hop.strip() for hop in forwarded.split(",")]
        address = hops[-min(trusted_proxies, len(hops))]
    return network_of(address) if ":" in address else address


def network_of(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address[:LONGEST_NAME]
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return found.packed[:IPV6_NETWORK_BYTES].hex()
