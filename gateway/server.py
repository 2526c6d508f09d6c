"""The web server under the routes: bodies, problems, and one log line each."""

import logging
import time
from collections.abc import Iterable
from typing import Any

from eventlet import Timeout, wsgi
from nameko.web.server import HttpOnlyProtocol, WebServer, WsgiApp
from werkzeug.routing import BaseConverter, Map
from werkzeug.wrappers import Response

from common.ids import SHAPE
from gateway import errors
from gateway.problems import problem_from
from gateway.request import Request

log = logging.getLogger("gateway.access")

# Room for a forged token to be refused by us, and not by the parser beneath us.
wsgi.MAX_HEADER_LINE = 16 * 1024

BODY_SECONDS = 10
IDLE_SECONDS = 30
# A larger body is not read off the connection: we answer and hang up.
DRAINED_BYTES = 8 * 1024 * 1024

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}


class IdConverter(BaseConverter):
    """``<id:order_id>``: anything but an identity is an unknown path."""

    regex = SHAPE.pattern


class Gate(WebServer):
    """Nameko's web server, with our application behind it."""

    def get_wsgi_app(self) -> WsgiApp:
        return Door(self)

    def get_wsgi_server(
        self,
        sock: Any,
        wsgi_app: Any,
        protocol: Any = HttpOnlyProtocol,
        debug: bool = False,
    ) -> wsgi.Server:
        return wsgi.Server(
            sock,
            sock.getsockname(),
            wsgi_app,
            protocol=protocol,
            debug=debug,
            log=logging.getLogger(__name__),
            log_output=False,
            socket_timeout=IDLE_SECONDS,
        )

    def make_url_map(self) -> Map:
        url_map = Map(converters={"id": IdConverter}, merge_slashes=False)
        for provider in self._providers:
            rule = provider.get_url_rule()
            rule.endpoint = provider
            url_map.add(rule)
        return url_map


class Door(WsgiApp):
    """Every request comes in here, and leaves one line in the log."""

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        started = time.perf_counter()
        request = Request(environ)
        response = self.answer(request)
        response.headers["X-Request-Id"] = request.request_id
        if request.traceparent:
            response.headers["traceparent"] = request.traceparent
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        note(request, response, time.perf_counter() - started)
        return response(environ, start_response)

    def answer(self, request: Request) -> Response:
        try:
            adapter = self.url_map.bind_to_environ(request.environ)
            provider, request.path_values = adapter.match()
            with Timeout(BODY_SECONDS, errors.request_timeout()):
                request.read_body()
            return provider.handle_request(request)
        except Exception as trouble:
            response = problem_from(trouble, request)
            if (request.content_length or 0) > DRAINED_BYTES:
                response.headers["Connection"] = "close"
            return response


def note(request: Request, response: Response, seconds: float) -> None:
    log.info(
        "request",
        extra={
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
            "request_id": request.request_id,
        },
    )
