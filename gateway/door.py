"""Every request comes in here, and leaves one line in the log."""

import logging
import time
from collections.abc import Iterable
from typing import Any

from werkzeug.routing import BaseConverter, Map

from common.errors import Refusal
from common.ids import SHAPE
from gateway.problems import problem_from
from gateway.request import Request
from gateway.response import Response

log = logging.getLogger("gateway.access")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}


class IdConverter(BaseConverter):
    """``<id:order_id>``: anything but an identity is an unknown path."""

    regex = SHAPE.pattern


class Door:
    """What the connections ask: for ready bytes, an answer, or a refusal.

    ``answer`` and ``refuse`` never raise, and ``ready`` never waits.
    """

    def __init__(self, providers: Iterable[Any]) -> None:
        self.url_map = Map(converters={"id": IdConverter}, merge_slashes=False)
        for provider in providers:
            rule = provider.get_url_rule()
            rule.endpoint = provider
            self.url_map.add(rule)

    def ready(
        self,
        method: bytes,
        target: bytes,
        headers: list[tuple[bytes, bytes]],
        peer: str,
    ) -> bytes | None:
        """The whole answer to a GET or HEAD without a body, if we have it."""
        return None

    def answer(self, request: Request) -> Response:
        started = time.perf_counter()
        try:
            adapter = self.url_map.bind("shop")
            provider, values = adapter.match(request.path, request.method)
            request.path_values = dict(values)
            response = provider.handle_request(request)
        except Exception as trouble:
            response = problem_from(trouble, request)
        return self.seen_out(request, response, time.perf_counter() - started)

    def refuse(self, request: Request, refusal: Refusal) -> Response:
        """Say why a request was not read to its end."""
        return self.seen_out(request, problem_from(refusal, request), 0.0)

    def seen_out(
        self, request: Request, response: Response, seconds: float
    ) -> Response:
        response.headers["X-Request-Id"] = request.request_id
        if request.traceparent:
            response.headers["traceparent"] = request.traceparent
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        note(request, response, seconds)
        return response


def note(request: Request, response: Response, seconds: float) -> None:
    log.info(
        "request",
        extra={
            "method": request.method,
            "path": request.path,
            "status": response.status,
            "ms": round(seconds * 1000, 1),
            "request_id": request.request_id,
        },
    )
