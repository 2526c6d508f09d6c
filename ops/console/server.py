"""The ops page's own process: looks every few seconds and shows what it saw last."""

import json
import logging
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from werkzeug.exceptions import Forbidden, HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from ops.console.asking import LOOPBACK
from ops.console.page import SECURITY, Page
from ops.console.view import View
from ops.errors import Problem

log = logging.getLogger(__name__)

EVERY_SECONDS = 5.0
SLOWEST_READER_SECONDS = 5.0
TRACE_ID = re.compile("[0-9a-f]{32}")
UNKNOWN_HOST = "Nobody here is called so; CONSOLE_HOSTS lists more names of this page."
UNKNOWN_TRACE = (
    "No process here has told of this trace: it was not sampled, it is too old, "
    "or traces go elsewhere (TRACE_URL)."
)
URLS = Map(
    [
        Rule("/", endpoint="home", methods=["GET"]),
        Rule("/ops", endpoint="ops", methods=["GET"]),
        Rule("/ops.json", endpoint="ops_json", methods=["GET"]),
        Rule("/ops/traces/<trace_id>", endpoint="trace", methods=["GET"]),
        Rule("/healthz", endpoint="healthz", methods=["GET"]),
    ]
)


class Watch:
    """Looks again and again, and keeps what it saw last."""

    def __init__(self, look: Callable[[], View]) -> None:
        self.look = look
        self.view: View | None = None
        self.has_seen, self.stopping = Event(), Event()
        self.thread = Thread(target=self.run, name="looking", daemon=True)

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                self.view = self.look()
            except Exception:
                # The page says of when it is; to look again is all that helps.
                log.exception("could not look")
            else:
                self.has_seen.set()
            self.stopping.wait(EVERY_SECONDS)

    def latest(self) -> View | None:
        """What was seen last; who comes first waits for the first look."""
        self.has_seen.wait(2 * EVERY_SECONDS)
        return self.view


class Console:
    """The WSGI application; it answers to ``hosts`` and as this machine's own."""

    def __init__(
        self,
        latest: Callable[[], View | None],
        page: Page,
        hosts: Collection[str] = (),
    ) -> None:
        self.latest = latest
        self.page = page
        self.hosts = {*LOOPBACK, *map(str.lower, hosts)}

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        try:
            self.check(request.headers.get("Host", ""))
            endpoint, values = URLS.bind_to_environ(environ).match()
            answer: Any = getattr(self, endpoint)(request, **values)
        except HTTPException as refusal:
            answer = refusal.get_response(environ)
        answer.headers.extend(SECURITY)
        return answer(environ, start_response)

    def check(self, host: str) -> None:
        """A page from elsewhere whose name leads here (DNS rebinding) reads nothing."""
        if host_name(host) not in self.hosts:
            raise Forbidden(UNKNOWN_HOST)

    def home(self, request: Request) -> Response:
        return Response(status=303, headers={"Location": "/ops"})

    def healthz(self, request: Request) -> Response:
        return Response("ok\n", mimetype="text/plain")

    def ops(self, request: Request) -> Response:
        if (view := self.latest()) is None:
            return Response("nothing could be seen yet\n", 503, {"Refresh": "5"})
        text = self.page.ops(view, "all" in request.args, "hold" in request.args)
        return Response(text, mimetype="text/html")

    def ops_json(self, request: Request) -> Response:
        if (view := self.latest()) is None:
            return Response('{"status": "blind"}', 503, mimetype="application/json")
        told = {"level": view.level} | asdict(view)
        return Response(json.dumps(told, default=str), mimetype="application/json")

    def trace(self, request: Request, trace_id: str) -> Response:
        is_one = TRACE_ID.fullmatch(trace_id)
        if not is_one or (text := self.page.trace(trace_id)) is None:
            raise NotFound(UNKNOWN_TRACE)
        return Response(text, mimetype="text/html")


class Handler(WSGIRequestHandler):
    timeout = SLOWEST_READER_SECONDS

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: the page asks for itself every few seconds."""


def host_name(where: str) -> str | None:
    """That of ``host:port``, in lower case; None if there is none."""
    try:
        return urlsplit(f"//{where}").hostname
    except ValueError:
        return None


def serve(where: str, console: Console) -> BaseWSGIServer:
    """A server on ``host:port``; raises ``Problem`` when it cannot be."""
    parts = urlsplit(f"//{where}")
    if parts.hostname is None or parts.port is None:
        raise Problem(f"CONSOLE_ADDRESS is {where!r}, not host:port")
    try:
        return make_server(
            parts.hostname, parts.port, console, threaded=True, request_handler=Handler
        )
    except (OSError, SystemExit) as taken:
        raise Problem(f"CONSOLE_ADDRESS {where} cannot be taken: {taken}") from None
