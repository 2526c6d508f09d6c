"""A client's socket in a greenlet, with a time for everything.

There is no timer per wait: a stream knows what it does and since when, and
somebody else wakes it when that has taken too long.
"""

import struct
from socket import (
    IPPROTO_TCP,
    SHUT_WR,
    SO_LINGER,
    SOL_SOCKET,
    TCP_NODELAY,
    socket,
)
from time import monotonic

from eventlet.hubs import get_hub, trampoline
from greenlet import getcurrent

from gateway.bounds import ANSWERING, IDLE, LINGERING, READ_BYTES, WRITING

# Closes a connection without waiting for what the client has not taken.
AT_ONCE = struct.pack("ii", 1, 0)


class Stream:
    """``enter`` says what it does now, one of the keys of ``patience``."""

    def __init__(self, sock: socket, patience: dict[str, float]) -> None:
        self.sock, self.patience = sock, patience
        self.waiting = self.dismissed = False
        self.enter(IDLE)

    def open(self) -> None:
        self.greenlet = getcurrent()
        self.sock.setblocking(False)
        self.sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)

    def enter(self, state: str) -> None:
        self.state, self.since = state, monotonic()

    def late(self, now: float) -> bool:
        return self.dismissed or now - self.since >= self.patience[self.state]

    # For other greenlets.

    def dismiss(self) -> None:
        """End it without a word, if it waits for its client."""
        if self.state != ANSWERING:
            self.dismissed = True
            self.wake()

    def wake(self) -> None:
        get_hub().schedule_call_global(0, self.resume)

    def resume(self) -> None:
        if self.waiting:
            self.greenlet.switch()

    # For its own.

    def wait(self, **what: bool) -> None:
        """Until the socket is ready, or somebody wakes us.

        Others run meanwhile, even if it is ready: no client can keep us busy.
        """
        self.waiting = True
        try:
            trampoline(self.sock, **what)
        finally:
            self.waiting = False

    def receive(self) -> bytes | None:
        """What has come, nothing at the end, None when woken before."""
        self.wait(read=True)
        try:
            return self.sock.recv(READ_BYTES)
        except BlockingIOError:
            return None

    def send(self, data: bytes) -> None:
        """Send all of it; raises ``OSError`` when the client does not take it."""
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self.enter(WRITING)
            self.send_on(memoryview(data)[sent:])

    def send_on(self, rest: memoryview) -> None:
        while rest:
            self.wait(write=True)
            if self.late(monotonic()):
                self.sock.setsockopt(SOL_SOCKET, SO_LINGER, AT_ONCE)
                raise TimeoutError("it takes no answer")
            try:
                rest = rest[self.sock.send(rest) :]
            except BlockingIOError:
                continue

    def linger(self) -> None:
        """Let the client read our last words before it hears that we left.

        Closing with bytes unread resets the connection, and they are lost.
        """
        self.sock.shutdown(SHUT_WR)
        self.enter(LINGERING)
        while not self.late(monotonic()) and self.receive() != b"":
            pass
