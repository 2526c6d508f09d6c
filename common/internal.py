"""What a process tells its operators: pages over HTTP, on a port of its own.

Never on the port of the shop.  ``/metrics`` is there unless ``METRICS`` is off;
other modules add theirs to ``PAGES``.
"""

import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import eventlet
from eventlet import wsgi
from nameko import config
from nameko.extensions import DependencyProvider
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from common import metrics

log = logging.getLogger(__name__)

ANY_FREE_PORT = "127.0.0.1:0"
AT_ONCE = 64
SLOWEST_READER_SECONDS = 2
PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Page:
    body: bytes
    content_type: str
    status: HTTPStatus = HTTPStatus.OK


def numbers() -> Page:
    if not metrics.is_on():
        return Page(b"METRICS is off\n", "text/plain", HTTPStatus.NOT_FOUND)
    return Page(generate_latest(REGISTRY), CONTENT_TYPE_LATEST)


PAGES: dict[str, Callable[[], Page]] = {"/metrics": numbers}


class InternalPort(DependencyProvider):
    """``PAGES`` on ``INTERNAL_ADDRESS``.

    ``port`` is known after ``setup``, and None if the address was taken: a
    process that nobody can look into still does its work.
    """

    port: int | None = None
    listener: socket.socket | None = None

    def setup(self) -> None:
        self.shown = metrics.watch(self.container)
        self.host, port = address(config.get("INTERNAL_ADDRESS", ANY_FREE_PORT))
        try:
            self.listen(port)
        except OSError as taken:
            log.warning("nothing is told on %s:%d: %s", self.host, port, taken)

    def listen(self, port: int) -> None:
        self.listener = eventlet.listen((self.host, port), reuse_port=False)
        self.port = self.listener.getsockname()[1]

    def start(self) -> None:
        if self.port is not None:
            self.serving = self.container.spawn_managed_thread(self.run)

    def stop(self) -> None:
        REGISTRY.unregister(self.shown)
        if self.port is not None:
            self.serving.kill()
            self.close()

    def kill(self) -> None:
        self.close()

    def run(self) -> None:
        while True:
            # The server gives its socket up when it runs out of descriptors.
            try:
                if self.listener is None:
                    self.listen(self.port or 0)
                self.serve(self.listener)
            except Exception as trouble:
                log.warning("the internal port is away: %s", trouble)
            self.close()
            eventlet.sleep(PAUSE_SECONDS)

    def serve(self, listener: socket.socket | None) -> None:
        wsgi.server(
            listener,
            answer,
            max_size=AT_ONCE,
            socket_timeout=SLOWEST_READER_SECONDS,
            keepalive=False,
            log_output=False,
            debug=False,
        )

    def close(self) -> None:
        listener, self.listener = self.listener, None
        if listener is not None:
            listener.close()


def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """The page that a GET asks for, as WSGI wants it."""
    page = asked_for(environ)
    headers = [
        ("Content-Type", page.content_type),
        ("Content-Length", str(len(page.body))),
        ("Cache-Control", "no-store"),
    ]
    start_response(f"{page.status.value} {page.status.phrase}", headers)
    return [page.body]


def asked_for(environ: dict[str, Any]) -> Page:
    make = PAGES.get(environ["PATH_INFO"])
    if make is None:
        return Page(b"not found\n", "text/plain", HTTPStatus.NOT_FOUND)
    try:
        return make()
    except Exception:
        log.exception("%s cannot be told", environ["PATH_INFO"])
        return Page(b"failed\n", "text/plain", HTTPStatus.INTERNAL_SERVER_ERROR)


def address(text: str) -> tuple[str, int]:
    """``host:port``, apart; raises ``ValueError``."""
    parts = urlsplit(f"//{text}")
    if parts.hostname is None or parts.port is None:
        raise ValueError(f"INTERNAL_ADDRESS is {text!r}, not host:port")
    return parts.hostname, parts.port
