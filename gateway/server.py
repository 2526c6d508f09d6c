"""The web server under the routes: lets clients in, and sees them all out."""

import logging
import resource
from errno import ECONNABORTED
from socket import socket
from time import monotonic
from typing import Any

import eventlet
from eventlet import patcher
from eventlet.event import Event
from eventlet.hubs import trampoline
from nameko import config
from nameko.web.server import WebServer

from common import metrics
from gateway.bounds import ANSWERING, IDLE, Bounds
from gateway.connection import Connection
from gateway.door import Door
from gateway.metrics import figures
from gateway.syn_filter import take_no_more

log = logging.getLogger(__name__)

BACKLOG = 1024
# At the end we take who is in the queue and who joins it meanwhile, not all.
MOST_PROMISED = 4 * BACKLOG
SWEEP_SECONDS = 0.5
# A client that floods us with connections does not keep the others waiting.
ACCEPTED_TOGETHER = 64
# Files that are no connection of a client: the broker's, the log, and so on.
SPARE_FILES = 100
# Long enough for connections to end where we have run out of files.
PAUSE_SECONDS = 0.05


class Gate(WebServer):
    """Nameko's web server, without WSGI."""

    def __init__(self) -> None:
        super().__init__()
        self._sock: Any = None
        self.connections: set[Connection] = set()
        self.draining = False
        self.opened, self.drained = Event(), Event()

    def start(self) -> None:
        if self._sock is not None:
            return
        self.bounds = Bounds(**config.get("HTTP", {}))
        self.patience = self.bounds.patience
        self.most = most_connections(self.bounds)
        self.door = self.make_door()
        self._sock = listen(self.bind_addr)
        figures.gates.add(self)
        figures.is_on = metrics.is_on()
        self._gt = self.container.spawn_managed_thread(self.run)
        self.container.spawn_managed_thread(self.sweep)
        self.opened.send()

    def make_door(self) -> Any:
        return Door(self._providers)

    def run(self) -> None:
        while True:
            trampoline(self._sock, read=True)
            self.let_in(ACCEPTED_TOGETHER)

    def let_in(self, most: int) -> bool:
        """Take some of those who wait; whether there may be more."""
        for _ in range(most):
            try:
                sock, address = self._sock.accept()
            except BlockingIOError:
                return False
            except OSError as trouble:
                return self.make_room(trouble)
            self.welcome(sock, address[0])
        return True

    def make_room(self, trouble: OSError) -> bool:
        """Nothing that goes wrong here ends the service."""
        if trouble.errno != ECONNABORTED:
            log.warning("cannot take connections: %s", trouble)
            self.dismiss_one()
            eventlet.sleep(PAUSE_SECONDS)
        return True

    def welcome(self, sock: socket, peer: str) -> None:
        if len(self.connections) >= self.most and not self.dismiss_one():
            return sock.close()
        connection = Connection(sock, peer, self)
        self.connections.add(connection)
        eventlet.spawn_n(connection.run)
        return None

    def dismiss_one(self) -> bool:
        """End the connection that has waited longest for its client."""
        waiting = [c for c in self.connections if c.state != ANSWERING]
        if not waiting:
            return False
        longest = min(waiting, key=lambda connection: connection.since)
        self.connections.discard(longest)
        longest.dismiss()
        return True

    def sweep(self) -> None:
        while True:
            eventlet.sleep(SWEEP_SECONDS)
            now = monotonic()
            for connection in [c for c in self.connections if c.late(now)]:
                connection.wake()

    def unregister_provider(self, provider: Any) -> None:
        # An entrypoint stops before its workers and neighbours do: from now
        # on nobody new is let in, and who is inside still gets an answer.
        self.drain()
        super().unregister_provider(provider)

    def drain(self) -> None:
        """Answer all who have asked, within the time for it, and close."""
        if self.draining:
            self.drained.wait()
            return
        self.draining = True
        self.close()
        self.wait_for_leavers(self.bounds.grace_seconds)
        for connection in [c for c in self.connections if c.state == IDLE]:
            connection.dismiss()
        self.wait_for_leavers(self.bounds.drain_seconds - self.bounds.grace_seconds)
        self.drained.send()

    def close(self) -> None:
        """Who is in the queue has been promised to be heard."""
        self._gt.kill()
        take_no_more(self._sock)
        self.let_in(MOST_PROMISED)
        # Those who were just shaking hands.
        eventlet.sleep(PAUSE_SECONDS)
        self.let_in(MOST_PROMISED)
        self._sock.close()

    def wait_for_leavers(self, seconds: float) -> None:
        deadline = monotonic() + seconds
        while self.connections and monotonic() < deadline:
            eventlet.sleep(PAUSE_SECONDS)

    def stop(self) -> None:
        self.wait_for_providers()

    def kill(self) -> None:
        if self._sock is not None:
            self._sock.close()


def listen(address: tuple[str, int]) -> Any:
    """A plain socket, which others may share: several processes serve one port."""
    sockets = patcher.original("socket")
    sock = sockets.create_server(address, backlog=BACKLOG, reuse_port=True)
    sock.setblocking(False)
    return sock


def most_connections(bounds: Bounds) -> int:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(1, min(bounds.max_connections, files - SPARE_FILES))
