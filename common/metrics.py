"""Prometheus may read every process: its numbers over HTTP, on a port of its own."""

import logging
import socket
from urllib.parse import urlsplit

import eventlet
from eventlet import wsgi
from nameko import config
from nameko.extensions import DependencyProvider
from prometheus_client import make_wsgi_app

log = logging.getLogger(__name__)

ANY_FREE_PORT = "127.0.0.1:0"
AT_ONCE = 64
SLOWEST_READER_SECONDS = 2
PAUSE_SECONDS = 1.0


class Metrics(DependencyProvider):
    """The default registry in the text format, on ``METRICS_ADDRESS``.

    ``port`` is known after ``setup``, and None if the address was taken: a
    process without metrics still does its work.
    """

    port: int | None = None
    listener: socket.socket | None = None

    def setup(self) -> None:
        self.host, port = address(config.get("METRICS_ADDRESS", ANY_FREE_PORT))
        try:
            self.listen(port)
        except OSError as taken:
            log.warning("no metrics on %s:%d: %s", self.host, port, taken)

    def listen(self, port: int) -> None:
        self.listener = eventlet.listen((self.host, port), reuse_port=False)
        self.port = self.listener.getsockname()[1]

    def start(self) -> None:
        if self.port is not None:
            self.serving = self.container.spawn_managed_thread(self.run)

    def stop(self) -> None:
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
                log.warning("metrics are away: %s", trouble)
            self.close()
            eventlet.sleep(PAUSE_SECONDS)

    def serve(self, listener: socket.socket | None) -> None:
        wsgi.server(
            listener,
            make_wsgi_app(),
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


def address(text: str) -> tuple[str, int]:
    """``host:port``, apart; raises ``ValueError``."""
    parts = urlsplit(f"//{text}")
    if parts.hostname is None or parts.port is None:
        raise ValueError(f"METRICS_ADDRESS is {text!r}, not host:port")
    return parts.hostname, parts.port
