"""Every request comes in here, and leaves one line in the log."""

import logging
import time
from collections.abc import Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from nameko import config
from werkzeug.exceptions import MethodNotAllowed, NotFound

from common.errors import rate_limited
from common.limiting import SharedCounts
from common.logs.calls import OK, tell
from gateway.cache import Cache
from gateway.clients import client_of
from gateway.cors import Cors, origins_in
from gateway.headers import dressed, identified, strict_transport
from gateway.limits import Verdict, limits_from
from gateway.metrics import figures
from gateway.patience import Patience
from gateway.problems import problem_from
from gateway.public import PublicReads
from gateway.ready import Ready, read
from gateway.representations import represented
from gateway.request import Request
from gateway.response import Response
from gateway.routing import Found, Routes
from gateway.shedding import Shedding
from gateway.switches import Switches
from gateway.traces import blamed, concluded, traced

log = logging.getLogger("gateway.access")

LARGEST_CACHE = 64 * 1024 * 1024
MOST_AT_ONCE = 200
READS = ("GET", "HEAD")
NOWHERE = Found()
NOTHING: Mapping[str, str] = {}


class Door:
    """What the connections ask: for ready bytes, an answer, or a refusal.

    ``answer`` and ``refuse`` never raise, and ``ready`` never waits.
    """

    def __init__(
        self, entrypoints: Iterable[Any], settings: Mapping[str, Any] = config
    ) -> None:
        self.routes = Routes(entrypoints)
        uris = settings.get("REDIS_URIS")
        shared = SharedCounts(uris["limits"]) if uris else None
        self.limits = limits_from(settings.get("RATE_LIMITS", {}), shared)
        self.trusted_proxies = int(settings.get("TRUSTED_PROXIES", 0))
        self.cors = Cors(origins_in(settings.get("CORS_ORIGINS") or ""))
        self.patience = Patience(settings.get("DEADLINES", {}))
        self.cache = Cache(int(settings.get("PRODUCT_CACHE_BYTES", LARGEST_CACHE)))
        self.switches = Switches()
        self.shedding = Shedding(int(settings.get("MOST_AT_ONCE", MOST_AT_ONCE)))
        admitted = self.shedding.admitted
        self.public = PublicReads(self.cache, self.made_ready, admitted)
        self.everywhere = strict_transport(int(settings.get("HSTS_SECONDS", 0)))
        figures.caches.add(self.cache)
        figures.rooms.add(self.shedding.room)

    def ready(
        self,
        method: bytes,
        target: bytes,
        headers: list[tuple[bytes, bytes]],
        peer: str,
    ) -> bytes | None:
        """The whole answer to a GET or HEAD without a body, if we have it."""
        answer = self.cache.find(target)
        asked = read(headers) if isinstance(answer, Ready) else None
        if asked is None:
            return None
        rate = ""
        if answer.limit:
            forwarded = asked.get(b"x-forwarded-for", b"").decode("latin-1")
            client = client_of(peer, forwarded, self.trusted_proxies)
            verdict = answer.limit.spend(client)
            if verdict is None:
                return None
            rate = verdict.rate
        self.cache.hits += 1
        figures.ready[answer.label] += 1
        return answer.wire(method, asked, rate)

    def answer(self, request: Request) -> Response:
        found = self.routes.find(request.method, request.path)
        with traced(request, found) as span:
            response = self.answered(request, found)
            concluded(span, response)
        return response

    def answered(self, request: Request, found: Found) -> Response:
        started = time.perf_counter()
        forwarded = request.headers.get("x-forwarded-for", "")
        request.client = client_of(request.peer, forwarded, self.trusted_proxies)
        verdict = None
        try:
            verdict = self.count(request, found)
            response = self.admitted(request, found, verdict)
        except Exception as trouble:
            blamed(request.span, trouble)
            response = problem_from(trouble, request)
        response = self.fitted(request, response)
        more = verdict.headers if verdict else {}
        seconds = time.perf_counter() - started
        return self.seen_out(request, response, seconds, found, more)

    def refuse(self, request: Request, refusal: Exception) -> Response:
        """Say why a request was not read to its end."""
        return self.seen_out(request, problem_from(refusal, request), 0.0)

    def count(self, request: Request, found: Found) -> Verdict | None:
        """Raises ``Unavailable`` where nobody may pass uncounted, and nobody counts."""
        limit = self.limits.get(found.limit_of(request))
        return limit.take(request.client) if limit else None

    def admitted(
        self, request: Request, found: Found, verdict: Verdict | None
    ) -> Response:
        if verdict and verdict.wait:
            raise rate_limited(verdict.wait)
        if request.method == "OPTIONS" and (found.methods or request.path == "*"):
            return self.options(request, found)
        if found.entrypoint is None and found.methods:
            raise MethodNotAllowed(sorted(found.methods))
        if found.entrypoint is None:
            raise NotFound
        return self.entered(request, found)

    def entered(self, request: Request, found: Found) -> Response:
        entrypoint = found.entrypoint
        route = entrypoint.route
        self.switches.demand_open(route)
        if route.cache_seconds and "authorization" not in request.headers:
            context = self.prepared(request, found)
            return self.public.answer(request, entrypoint, context)
        with self.shedding.admitted(route):
            context = self.prepared(request, found)
            return entrypoint.handle_request(request, context)

    def prepared(self, request: Request, found: Found) -> dict[str, Any]:
        """The context of a worker; raises where nobody takes what it would give."""
        route = found.entrypoint.route
        request.must_accept(route.media_type, "application/problem+json")
        request.path_values = dict(found.values)
        return self.patience.context(request, route)

    def options(self, request: Request, found: Found) -> Response:
        origin = request.headers.get("origin", "")
        wanted = request.headers.get("access-control-request-method", "")
        told = self.cors.preflight(origin, wanted, found.methods)
        allow = {"Allow": ", ".join(sorted(found.methods or {"OPTIONS"}))}
        return Response(None, HTTPStatus.NO_CONTENT, allow | told)

    def fitted(self, request: Request, response: Response) -> Response:
        """In the form that the client asked for."""
        headers = request.headers
        accept_encoding = headers.get("accept-encoding", "")
        is_read = request.method in READS
        if_none_match = headers.get("if-none-match", "") if is_read else ""
        return represented(response, accept_encoding, if_none_match)

    def seen_out(
        self,
        request: Request,
        response: Response,
        seconds: float,
        found: Found = NOWHERE,
        more: Mapping[str, str] = NOTHING,
    ) -> Response:
        note(request, response, seconds, found)
        figures.note(found.label(request.method, response.status), seconds)
        cors = self.cors.headers(request.headers.get("origin", ""))
        told = {**self.everywhere, **more, **cors, **identified(request)}
        return dressed(response, told, self.cors.vary)

    def change_limit(self, name: str, numbers: Any) -> None:
        """To ``{quota, seconds}``, or None for the configured ones.

        Raises ``ValueError``.
        """
        limit = self.limits.get(name)
        if limit is None:
            raise ValueError(f"there is no limit {name}")
        configured = limit.configured
        limit.change(configured if numbers is None else configured.changed(numbers))
        # What is ready tells the policy of before.
        self.cache.forget_everything()

    def change_switch(self, name: str, value: Any) -> None:
        """A feature, or ``maintenance``; what is ready was open before."""
        self.switches.change(name, value)
        self.cache.forget_everything()

    def change_deadline(self, name: str, value: Any) -> None:
        """Of reads, of writes, or of the ``routes`` named; raises ``ValueError``."""
        for route in value if name == "routes" and value else ():
            if route not in self.routes.names:
                raise ValueError(f"there is no route {route}")
        self.patience.change(name, value)

    def made_ready(self, response: Response, entrypoint: Any) -> Ready:
        limit = self.limits.get(entrypoint.route.limit)
        policy = {"RateLimit-Policy": limit.quota.policy} if limit else {}
        more = self.everywhere | policy
        dress = partial(dressed, more=more, vary=self.cors.vary)
        label = Found(entrypoint).label("GET", response.status)
        return Ready(response, dress, limit, label)


def note(request: Request, response: Response, seconds: float, found: Found) -> None:
    """The request's line; requests that are answered from memory leave none."""
    status, outcome = int(response.status), request.outcome or OK
    request.outcome = outcome
    call = {
        "kind": "http",
        "entrypoint": found.name,
        "method": request.method,
        "path": found.shown(request.shown_path),
        "status": status,
        "outcome": outcome,
        "duration_ms": round(seconds * 1000, 2),
        "request_id": request.request_id,
    }
    if request.visitor:
        call["user_id"] = request.visitor.id
    tell(log, loudness(request, status), "request", call, request.trouble)


def loudness(request: Request, status: int) -> int:
    if request.trouble:
        return logging.ERROR
    is_away = status == HTTPStatus.SERVICE_UNAVAILABLE
    return logging.WARNING if is_away else logging.INFO
