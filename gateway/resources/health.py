"""``/healthz`` and ``/readyz``: is the gateway alive, is the shop open."""

from typing import Any

from gateway.auth import ANYONE
from gateway.http import Answer, http
from gateway.request import Request

NEEDED = ("auth_service", "order_service", "product_service", "user_service")


class HealthResource:
    @http("GET", "/healthz", allow=ANYONE, gives="Health")
    def healthz(self, request: Request) -> dict[str, Any]:
        """Tell that this process answers."""
        return {"status": "alive"}

    @http("GET", "/readyz", allow=ANYONE, gives="Readiness")
    def readyz(self, request: Request) -> Answer:
        """Tell whether the shop is open, with the state of each part."""
        missing = dict.fromkeys(NEEDED, "missing")
        states = missing | self.registration.states()
        ready = all(state == "passing" for state in states.values())
        body = {"status": "ready" if ready else "not_ready", "dependencies": states}
        return Answer(
            body, 200 if ready else 503, {} if ready else {"Retry-After": "1"}
        )
