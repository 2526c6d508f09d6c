"""The one HTTP entrypoint: JSON in, JSON or a problem out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any

from eventlet.event import Event
from nameko.web.handlers import HttpRequestHandler
from werkzeug.exceptions import HTTPException

from common import json
from common.errors import Refusal
from gateway.auth import Allow
from gateway.problems import problem_from
from gateway.request import Request
from gateway.response import Response
from gateway.server import Gate


@dataclass(frozen=True)
class Route:
    """What a route takes and gives: for the door, and for ``openapi.json``.

    ``takes``, ``gives`` and ``query`` name marshmallow schemas of the owning
    service, such as ``order_service.OrderDraft``; ``gives`` may be a list of
    them: ``[order_service.OrderView]``.  A ``keyed`` route needs an
    Idempotency-Key, a ``keyable`` one takes it.
    """

    method: str
    url: str
    allow: Allow
    takes: str | None = None
    gives: str | None = None
    query: str | None = None
    status: int = 200
    keyed: bool = False
    keyable: bool = False
    cache_seconds: int = 0
    media_type: str = "application/json"

    @property
    def cache_control(self) -> str:
        if self.cache_seconds:
            return f"public, max-age={self.cache_seconds}"
        return "private, no-store"


@dataclass(frozen=True)
class Answer:
    """A body and what goes with it, where a plain body does not say it all."""

    body: Any
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


class HttpEntrypoint(HttpRequestHandler):
    server = Gate()

    def __init__(self, route: Route, **options: Any) -> None:
        self.route = route
        expected = (Refusal, HTTPException)
        super().__init__(
            route.method, route.url, expected_exceptions=expected, **options
        )

    def handle_request(self, request: Request) -> Response:
        try:
            request.must_accept(self.route.media_type, "application/problem+json")
            return self.response(self.work(request))
        except Exception as exc:
            return problem_from(exc, request)

    def work(self, request: Request) -> Any:
        """Run the route in a Nameko worker and wait for what it gives."""
        done = Event()
        context = {"request_id": request.request_id, "traceparent": request.traceparent}
        self.container.spawn_worker(
            self,
            (request,),
            request.path_values,
            context_data={name: value for name, value in context.items() if value},
            handle_result=partial(self.handle_result, done),
        )
        return done.wait()

    def response(self, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        answer = result if isinstance(result, Answer) else Answer(result)
        empty = answer.body is None
        return Response(
            None if empty else json.dumps(answer.body),
            answer.status or self.route.status,
            {"Cache-Control": self.route.cache_control} | answer.headers,
            content_type=None if empty else "application/json",
        )


def http(
    method: str, url: str, *, allow: Allow, **described: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A route; ``allow`` says for whom, and there is no default."""
    route = Route(method, url, allow, **described)

    def decorate(handler: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(handler)
        def guarded(self: Any, request: Request, **path: str) -> Any:
            request.visitor = allow.admit(request, self.tokens)
            return handler(self, request, **path)

        return HttpEntrypoint.decorator(route)(guarded)

    return decorate


def replayed(answer: dict[str, Any]) -> dict[str, str]:
    """The header that tells an answer given before from a new one."""
    return {"Idempotent-Replayed": "true"} if answer["replayed"] else {}
