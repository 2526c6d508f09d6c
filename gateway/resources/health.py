"""``/healthz`` and ``/readyz``: is the gateway alive, is the shop open."""

from typing import Any

from common.discovery import Registration
from gateway.http import Answer, http
from gateway.limits import NEVER
from gateway.request import Request

NEEDED = ("auth_service", "order_service", "product_service", "user_service")
SERVERS = ("rabbitmq", "postgres", "mongodb", "redis")


class HealthResource:
    registration = Registration()

    @http("GET", "/healthz", gives="Health", limited=NEVER)
    def healthz(self, request: Request) -> dict[str, Any]:
        """Tell that this process answers."""
        return {"status": "alive"}

    @http("GET", "/readyz", gives="Readiness", limited=NEVER)
    def readyz(self, request: Request) -> Answer:
        """Tell whether the shop is open, with the state of each part."""
        known = self.registration.states()
        states = {name: known.get(name, "missing") for name in NEEDED}
        states |= {name: known[name] for name in SERVERS if name in known}
        ready = all(state == "passing" for state in states.values())
        states["consul"] = known["consul"]
        body = {"status": "ready" if ready else "not_ready", "dependencies": states}
        return Answer(body) if ready else Answer(body, 503, {"Retry-After": "1"})
