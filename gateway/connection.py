"""One client's connection: requests come off it, answers go back in order."""

import logging
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
from typing import Any

from eventlet.hubs import get_hub, trampoline
from greenlet import getcurrent

from common.errors import Refusal
from gateway import errors
from gateway.reader import (
    BODY,
    HEAD,
    IDLE,
    READ_BYTES,
    Headers,
    Limits,
    Message,
    Reader,
)
from gateway.request import Request, by_name
from gateway.response import Response

log = logging.getLogger(__name__)

ANSWERING, WRITING, LINGERING = "answering", "writing", "lingering"
DISMISSED = float("-inf")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# Answers to one read are sent together, as long as they are no more than this.
SENT_TOGETHER = 256 * 1024
# Closes a connection without waiting for what the client has not taken.
AT_ONCE = struct.pack("ii", 1, 0)


def patience(limits: Limits) -> dict[str, float]:
    """How many seconds a connection may stay in a state."""
    return {
        IDLE: limits.idle_seconds,
        HEAD: limits.head_seconds,
        BODY: limits.body_seconds,
        ANSWERING: float("inf"),
        WRITING: limits.answer_seconds,
        LINGERING: limits.linger_seconds,
    }


class Connection:
    """Lives in a greenlet of its own; the gate wakes it when its time is up."""

    def __init__(self, sock: socket, peer: str, gate: Any) -> None:
        self.sock, self.peer, self.gate = sock, peer, gate
        self.door = gate.door
        self.reader = Reader(gate.limits)
        self.waiting = False
        self.enter(IDLE)

    # What the gate does with it, from other greenlets.

    def enter(self, state: str) -> None:
        self.state, self.since = state, monotonic()

    def late(self, now: float) -> bool:
        return now - self.since >= self.gate.patience[self.state]

    def dismiss(self) -> None:
        """End it now, if it waits for its client."""
        if self.state != ANSWERING:
            self.since = DISMISSED
            self.wake()

    def wake(self) -> None:
        get_hub().schedule_call_global(0, self.resume)

    def resume(self) -> None:
        if self.waiting:
            self.greenlet.switch()

    # What it does itself.

    def run(self) -> None:
        self.greenlet = getcurrent()
        try:
            self.sock.setblocking(False)
            self.sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            self.converse()
        except OSError as gone:
            log.debug("%s left: %s", self.peer, gone)
        except Exception:
            log.exception("a connection failed")
        finally:
            self.sock.close()
            self.gate.connections.discard(self)

    def converse(self) -> None:
        reader = self.reader
        while True:
            data = self.receive()
            if data:
                reader.feed(data)
            if reader.messages and not self.answer_all():
                return None
            if reader.refusal:
                return self.refuse(reader.refusal)
            if reader.state != self.state:
                self.enter(reader.state)
            if data == b"" or self.late(monotonic()):
                return self.leave(data)
            if reader.expecting:
                reader.expecting = False
                self.send(CONTINUE, BODY)

    def receive(self) -> bytes | None:
        """What has come, nothing at the end, None when woken before."""
        self.wait(read=True)
        try:
            return self.sock.recv(READ_BYTES)
        except BlockingIOError:
            return None

    def wait(self, **what: bool) -> None:
        self.waiting = True
        try:
            trampoline(self.sock, **what)
        finally:
            self.waiting = False

    def answer_all(self) -> bool:
        """Answer what has been read; whether the connection goes on."""
        messages, self.reader.messages = self.reader.messages, []
        answers: list[bytes] = []
        for message in messages:
            self.enter(ANSWERING)
            answers.append(self.answer(message))
            if last := self.is_last(message):
                break
            if sum(map(len, answers)) > SENT_TOGETHER:
                self.send(b"".join(answers))
                answers = []
        self.send(b"".join(answers))
        if last:
            self.linger()
        return not last

    def is_last(self, message: Message) -> bool:
        return self.gate.draining or not message.keep_alive

    def answer(self, message: Message) -> bytes:
        method, target, headers, body, _ = message
        if not body and method in (b"GET", b"HEAD"):
            ready = self.door.ready(method, target, headers, self.peer)
            if ready is not None:
                return closing(ready) if self.is_last(message) else ready
        head = method == b"HEAD"
        try:
            response = self.door.answer(self.request(message))
            return response.encode(head, self.is_last(message))
        except Exception as trouble:
            response = self.refusal(trouble, headers)
            return response.encode(head, self.is_last(message))

    def request(self, message: Message) -> Request:
        return Request(
            message.method.decode(),
            message.target,
            by_name(message.headers),
            message.body,
            peer=self.peer,
            keep_alive=message.keep_alive,
        )

    def leave(self, data: bytes | None) -> None:
        """The client has ended, or has taken too long."""
        if data == b"":
            if self.state == BODY:
                self.refuse(errors.malformed_body())
        elif self.state != IDLE and self.since != DISMISSED:
            self.refuse(errors.request_timeout())

    def refuse(self, refusal: Refusal) -> None:
        self.enter(ANSWERING)
        response = self.refusal(refusal, self.reader.headers)
        self.send(response.encode(close=True))
        self.linger()

    def refusal(self, trouble: Exception, headers: Headers) -> Response:
        """Of what is no proper request, and may have no path or method."""
        request = Request("-", b"/", by_name(headers), peer=self.peer)
        return self.door.refuse(request, trouble)

    def send(self, data: bytes, state: str = IDLE) -> None:
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self.send_on(memoryview(data)[sent:])
        self.enter(state)

    def send_on(self, rest: memoryview) -> None:
        """The client takes its time: it has some seconds for all of it."""
        self.enter(WRITING)
        while rest:
            self.wait(write=True)
            try:
                rest = rest[self.sock.send(rest) :]
            except BlockingIOError:
                if self.late(monotonic()):
                    self.sock.setsockopt(SOL_SOCKET, SO_LINGER, AT_ONCE)
                    raise TimeoutError("it takes no answer") from None

    def linger(self) -> None:
        """Let the client read our last answer before it hears that we left.

        Closing with bytes unread resets the connection, and the answer is lost.
        """
        self.sock.shutdown(SHUT_WR)
        self.enter(LINGERING)
        while self.receive() != b"" and not self.late(monotonic()):
            pass


def closing(ready: bytes) -> bytes:
    return ready.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
