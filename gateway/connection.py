"""One client's connection: requests come off it, answers go back in order."""

import logging
from socket import socket
from time import monotonic
from typing import Any

from common.errors import Refusal
from gateway import errors
from gateway.bounds import ANSWERING, BODY, IDLE
from gateway.reader import Headers, Message, Reader
from gateway.request import Request, by_name
from gateway.response import Response
from gateway.stream import Stream

log = logging.getLogger(__name__)

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# Answers to one read are sent together, as long as they are no more than this.
SENT_TOGETHER = 256 * 1024


class Connection(Stream):
    """What it hears goes to the gate's door, once it has been read whole."""

    def __init__(self, sock: socket, peer: str, gate: Any) -> None:
        super().__init__(sock, gate.patience)
        self.peer, self.gate, self.door = peer, gate, gate.door
        self.reader = Reader(gate.bounds)

    def run(self) -> None:
        try:
            self.open()
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
            # At the end of all, who has asked already is still answered.
            if self.dismissed and not self.gate.draining:
                return None
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
                self.send(CONTINUE)
                self.enter(BODY)

    def answer_all(self) -> bool:
        """Answer what has been read; whether the connection goes on."""
        messages, self.reader.messages = self.reader.messages, []
        answers, size = [], 0
        for message in messages:
            self.enter(ANSWERING)
            answers.append(self.answer(message))
            if last := self.is_last(message):
                break
            size += len(answers[-1])
            if size > SENT_TOGETHER:
                self.send(b"".join(answers))
                answers, size = [], 0
        self.send(b"".join(answers))
        self.enter(IDLE)
        if last:
            self.linger()
        return not last

    def is_last(self, message: Message) -> bool:
        ends = self.dismissed or self.gate.draining
        return ends or not message.keep_alive

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
        elif self.state != IDLE and not self.dismissed:
            self.refuse(errors.request_timeout())

    def refuse(self, refusal: Refusal) -> None:
        self.enter(ANSWERING)
        response = self.refusal(refusal, self.reader.headers)
        self.send(response.encode(close=True))
        self.linger()

    def refusal(self, trouble: Exception, headers: Headers) -> Response:
        """Of what is no proper request, and may have no path or method."""
        named = by_name(headers)
        try:
            request = Request("-", self.reader.path, named, peer=self.peer)
        except Refusal:
            request = Request("-", b"/", named, peer=self.peer)
        return self.door.refuse(request, trouble)


def closing(ready: bytes) -> bytes:
    return ready.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
