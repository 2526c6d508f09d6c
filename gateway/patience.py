"""How long each route may take, and how much it is worth to the shop."""

from collections.abc import Mapping
from typing import Any

from common.deadlines import DEADLINE, within
from gateway.request import Request

READ_SECONDS, WRITE_SECONDS = 0.3, 2.0


class Patience:
    """Of ``{read: seconds, write: seconds, routes: {"POST /v1/orders": seconds}}``."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.read = float(settings.get("read", READ_SECONDS))
        self.write = float(settings.get("write", WRITE_SECONDS))
        self.routes: Mapping[str, float] = settings.get("routes") or {}
        self.configured = {
            "read": self.read,
            "write": self.write,
            "routes": self.routes,
        }

    def change(self, name: str, value: Any) -> None:
        """``read``, ``write`` or ``routes``; None for what is configured."""
        configured: Any = self.configured[name]
        if value is None:
            value = configured
        elif name == "routes":
            value = {**configured, **value}
        setattr(self, name, value)

    def seconds(self, route: Any) -> float:
        usual = self.read if route.method == "GET" else self.write
        return float(self.routes.get(f"{route.method} {route.path}", usual))

    def context(self, request: Request, route: Any) -> dict[str, Any]:
        """What everybody who works for ``request`` is told."""
        told = {
            DEADLINE: within(self.seconds(route)),
            "client": request.client,
            "value": route.value,
            "request_id": request.request_id,
        }
        if request.traceparent:
            told["traceparent"] = request.traceparent
        return told
