"""The one HTTP entrypoint: JSON in, JSON or a problem out."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property, partial, wraps
from typing import Any

from eventlet import Timeout
from eventlet.event import Event
from nameko.containers import WorkerContext
from nameko.web.handlers import HttpRequestHandler
from werkzeug.exceptions import HTTPException

from common import json, tracing
from common.deadlines import remaining
from common.errors import Refusal, deadline_exceeded
from common.tracing import Span
from gateway.access import who_may
from gateway.auth import Allow
from gateway.etags import etag
from gateway.request import Request
from gateway.response import Response
from gateway.server import Gate

PATH_VALUE = re.compile(r"<(?:id:)?(\w+)>")
LONGEST_ANSWER = 60.0
# Whoever hears first that time is up knows best why: mostly, the call's client.
GRACE_SECONDS = 0.03


@dataclass(frozen=True)
class Route:
    """What a route takes and gives: for the door, and for ``openapi.json``.

    ``takes``, ``gives`` and ``query`` name marshmallow schemas of the owning
    service, such as ``order_service.OrderDraft``; ``gives`` may be a list of
    them: ``[order_service.OrderView]``.  ``value`` says what is shed first,
    ``limited`` under which name its requests are counted; where that depends on
    the request, ``limited_by`` tells.  A route that ``guards`` changes something
    that others change too, and needs If-Match.  What is ``secret`` is not
    compressed and has no tag.  A ``keyed`` route needs an Idempotency-Key, a
    ``keyable`` one takes it.  Routes of one ``feature`` are switched off together.
    """

    method: str
    url: str
    allow: Allow
    takes: str | None = None
    gives: str | None = None
    query: str | None = None
    status: int = 200
    keyed: bool = False
    guards: bool = False
    secret: bool = False
    keyable: bool = False
    cache_seconds: int = 0
    media_type: str = "application/json"
    value: str = "normal"
    feature: str | None = None
    limited: str | None = None
    limited_by: Callable[[Request], str] | None = None

    @property
    def cache_control(self) -> str:
        if self.cache_seconds:
            return f"public, max-age={self.cache_seconds}"
        return "private, no-store"

    @cached_property
    def path(self) -> str:
        """As the contract writes it: ``/v1/orders/{order_id}``."""
        return path_of(self.url)

    @property
    def limit(self) -> str:
        return self.limited or ("browse" if self.method == "GET" else "write")

    def limit_of(self, request: Request) -> str:
        return self.limited_by(request) if self.limited_by else self.limit

    def is_tagged(self, answer: "Answer") -> bool:
        """Whether the answer is the thing itself, as one would read it again."""
        whole = answer.status in (None, 200, 201) and answer.body is not None
        is_read = self.method in ("GET", "PUT", "PATCH")
        return whole and not self.secret and (is_read or "Location" in answer.headers)


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

    def traced(self, worker_ctx: WorkerContext) -> AbstractContextManager[Span]:
        """The span of the request, which the door has begun."""
        return tracing.under(worker_ctx.args[0].span)

    def handle_request(self, request: Request, context: dict[str, Any]) -> Response:
        """The answer of the route; raises what it raises, or ``Unavailable``."""
        left = remaining(context, LONGEST_ANSWER)
        with Timeout(max(left, 0) + GRACE_SECONDS, deadline_exceeded()):
            return self.response(self.work(request, context))

    def work(self, request: Request, context: dict[str, Any]) -> Any:
        """Run the route in a Nameko worker and wait for what it gives."""
        done = Event()
        self.container.spawn_worker(
            self,
            (request,),
            request.path_values,
            context_data=context | self.route.allow.context(request),
            handle_result=partial(self.handle_result, done),
        )
        return done.wait()

    def response(self, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        answer = result if isinstance(result, Answer) else Answer(result)
        status = answer.status or self.route.status
        headers = {"Cache-Control": self.route.cache_control} | answer.headers
        if answer.body is None:
            return Response(None, status, headers)
        body = json.dumps(answer.body)
        if self.route.is_tagged(answer):
            headers["ETag"] = etag(body, answer.body.get("version"))
        return Response(body, status, headers, "application/json")


def path_of(url: str) -> str:
    return PATH_VALUE.sub(r"{\1}", url)


def http(
    method: str, url: str, **described: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A route; ``gateway/access.py`` says for whom, and there is no default."""
    allow = who_may(method, path_of(url))
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
