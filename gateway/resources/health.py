"""``/healthz`` and ``/readyz``: is the gateway alive, is the shop open."""

from collections.abc import Iterator, Mapping
from typing import Any

from common.discovery import Registration
from gateway.http import Answer, http
from gateway.limits import NEVER
from gateway.request import Request

NEEDED = ("auth_service", "order_service", "product_service", "user_service")
# A service that cannot work without its database says so itself.
SERVERS = {
    "rabbitmq": "rabbitmq takes no connections",
    "postgres": "postgres takes no connections",
    "mongodb": "mongodb takes no connections",
    "redis": "redis is away: nobody signs up or in, and carts are closed",
}
OPEN = ("passing", "unknown")
ALONE = "Consul does not answer: what it said last holds"


class HealthResource:
    registration = Registration()

    @http("GET", "/healthz", gives="Health", limited=NEVER)
    def healthz(self, request: Request) -> dict[str, Any]:
        """Tell that this process answers."""
        return {"status": "alive"}

    @http("GET", "/readyz", gives="Readiness", limited=NEVER)
    def readyz(self, request: Request) -> Answer:
        """Tell whether the shop is open, with the state of each part."""
        return readiness(self.registration.states(), self.registration.condition.said)


def readiness(known: Mapping[str, str], trouble: str) -> Answer:
    """Of the ``known`` parts, and whatever ``trouble`` this gateway has itself."""
    # Of whom a Consul that is away has told us nothing, there is nothing against.
    unheard = "missing" if known["consul"] == "passing" else "unknown"
    states = {name: known.get(name, unheard) for name in NEEDED}
    ready = not trouble and all(state in OPEN for state in states.values())
    states |= {name: known[name] for name in SERVERS if name in known}
    body = {
        "status": "ready" if ready else "not_ready",
        "dependencies": states | {"consul": known["consul"]},
        "warnings": list(warnings(known, trouble)),
    }
    return Answer(body) if ready else Answer(body, 503, {"Retry-After": "1"})


def warnings(known: Mapping[str, str], trouble: str) -> Iterator[str]:
    if trouble:
        yield f"this gateway: {trouble}"
    for name, said in SERVERS.items():
        if known.get(name, "passing") != "passing":
            yield said
    if known["consul"] != "passing":
        yield ALONE
