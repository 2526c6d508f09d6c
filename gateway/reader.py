"""Takes whole requests off a stream of bytes, and stops at the first bad one.

What RFC 9112 leaves open is closed here: whoever stands before us could read
such a request in another way, and be made to pass on what it never saw.
"""

import re
from typing import NamedTuple

from httptools import (
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserUpgrade,
    HttpRequestParser,
)

from common.errors import Refusal
from gateway import errors
from gateway.bounds import BODY, HEAD, IDLE, READ_BYTES, Bounds

HOST = re.compile(rb"[\w.:\[\]%~!$&'()*+;=-]*")
Headers = list[tuple[bytes, bytes]]


class Message(NamedTuple):
    """A request as it came; names of headers are in lower case."""

    method: bytes
    target: bytes
    headers: Headers
    body: bytes
    keep_alive: bool


class Reader:
    """``feed`` it; then see ``messages``, ``state`` and the final ``refusal``."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.parser = HttpRequestParser(self)
        self.messages: list[Message] = []
        self.headers: Headers = []
        self.refusal: Refusal | None = None
        self.state = IDLE
        self.expecting = False
        self.raw: int | None = None

    def feed(self, data: bytes) -> None:
        """Read on; what follows the last request of a connection is not read."""
        while data:
            try:
                self.parser.feed_data(data)
                return self.must_be_in_bounds(len(data))
            except HttpParserUpgrade as offer:
                data = self.declined(data[offer.args[0] :])
            except HttpParserInvalidMethodError:
                return self.stop(errors.unknown_method())
            except HttpParserError:
                return self.stop(self.refusal or self.malformed())
        return None

    def stop(self, refusal: Refusal) -> None:
        self.refusal = refusal

    def malformed(self) -> Refusal:
        body = self.state == BODY
        return errors.malformed_body() if body else errors.malformed_request()

    def must_be_in_bounds(self, count: int) -> None:
        """Bound what the parser holds back: unfinished headers, and trailers.

        The bytes in which a message begins may belong to those before it.
        """
        self.raw = 0 if self.raw is None else self.raw + count
        if self.state == HEAD:
            most = self.bounds.target_bytes + self.bounds.header_bytes
            if self.raw > most:
                self.stop(errors.headers_too_large())
        elif self.state == BODY and self.raw > 2 * READ_BYTES + 8 * self.size:
            self.stop(errors.malformed_body())

    def declined(self, rest: bytes) -> bytes:
        """The request again, without its offer to speak another protocol."""
        message = self.messages.pop()
        if message.method == b"CONNECT":
            self.stop(errors.malformed_request())
            return b""
        kept = [pair for pair in message.headers if pair[0] != b"upgrade"]
        lines = b"".join(b"%b: %b\r\n" % pair for pair in kept)
        version = self.parser.get_http_version().encode()
        self.parser = HttpRequestParser(self)
        start = b"%b %b HTTP/%b\r\n" % (message.method, message.target, version)
        return start + lines + b"\r\n" + rest

    @property
    def path(self) -> bytes:
        """Of the request that is being read, as far as it is one."""
        path = self.target.partition(b"?")[0]
        fits = path.startswith(b"/") and len(path) <= self.bounds.target_bytes
        return path if fits else b"/"

    def refuse(self, refusal: Refusal) -> None:
        """Stop in the middle of what the parser is reading."""
        self.refusal = refusal
        raise ValueError(refusal.code)

    # What the parser calls, in the order of a message.

    def on_message_begin(self) -> None:
        self.state = HEAD
        self.target = b""
        self.headers = []
        self.body: list[bytes] = []
        self.head_size = self.size = self.hosts = 0
        self.raw = None
        self.expecting = self.chunked = False

    def on_url(self, part: bytes) -> None:
        self.target += part
        if len(self.target) > self.bounds.target_bytes:
            self.refuse(errors.uri_too_long(self.bounds.target_bytes))

    def on_header(self, name: bytes, value: bytes) -> None:
        self.head_size += len(name) + len(value) + 4
        if self.head_size > self.bounds.header_bytes:
            self.refuse(errors.headers_too_large())
        if self.state == BODY:
            return  # A trailer could only contradict what has been decided on.
        name = name.lower()
        if name in SPECIAL:
            SPECIAL[name](self, value.strip())
        self.headers.append((name, value))
        if len(self.headers) > self.bounds.header_fields:
            self.refuse(errors.headers_too_large())

    def on_host(self, value: bytes) -> None:
        self.hosts += 1
        if not HOST.fullmatch(value):
            self.refuse(errors.malformed_request())

    def on_length(self, value: bytes) -> None:
        if int(value) > self.bounds.body_bytes:
            self.refuse(errors.content_too_large(self.bounds.body_bytes))

    def on_encoding(self, value: bytes) -> None:
        self.chunked = True
        if value.lower() != b"chunked":
            self.refuse(errors.malformed_request())

    def on_expect(self, value: bytes) -> None:
        self.expecting = True
        if value.lower() != b"100-continue":
            self.refuse(errors.expectation_failed())

    def on_headers_complete(self) -> None:
        version = self.parser.get_http_version()
        self.modern = version == "1.1"
        proper = self.hosts == 1 if self.modern else self.proper_of_old(version)
        if not proper or not self.origin_form():
            self.refuse(errors.malformed_request())
        self.expecting = self.expecting and self.modern
        self.state = BODY

    def proper_of_old(self, version: str) -> bool:
        return version == "1.0" and self.hosts <= 1 and not self.chunked

    def origin_form(self) -> bool:
        if self.target.startswith(b"/"):
            return b"#" not in self.target
        method = self.parser.get_method()
        return (method, self.target) == (b"OPTIONS", b"*") or method == b"CONNECT"

    def on_body(self, part: bytes) -> None:
        self.expecting = False
        self.size += len(part)
        if self.size > self.bounds.body_bytes:
            self.refuse(errors.content_too_large(self.bounds.body_bytes))
        self.body.append(part)

    def on_message_complete(self) -> None:
        self.state = IDLE
        self.messages.append(
            Message(
                self.parser.get_method(),
                self.target,
                self.headers,
                b"".join(self.body),
                self.modern and self.parser.should_keep_alive(),
            )
        )


SPECIAL = {
    b"host": Reader.on_host,
    b"content-length": Reader.on_length,
    b"transfer-encoding": Reader.on_encoding,
    b"expect": Reader.on_expect,
}
