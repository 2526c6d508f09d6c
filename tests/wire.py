"""A client that says exactly what it is told to, byte by byte."""

import json
import socket
import struct
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Heard:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def code(self) -> str:
        assert self.headers["content-type"] == "application/problem+json", self.raw
        return self.body["code"]

    @property
    def last(self) -> bool:
        return self.headers.get("connection") == "close"


class Wire:
    """One connection; ``with Wire(address) as wire`` closes it."""

    def __init__(self, address: tuple[str, int], seconds: float = 10) -> None:
        self.sock = socket.create_connection(address, seconds)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unread = b""

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send(self, data: bytes) -> "Wire":
        self.sock.sendall(data)
        return self

    def get(self, target: str, *lines: str, method: str = "GET") -> "Wire":
        head = [f"{method} {target} HTTP/1.1", "Host: shop", *lines, "", ""]
        return self.send("\r\n".join(head).encode())

    def hear(self, method: str = "GET") -> Heard:
        """The next answer, whole."""
        while b"\r\n\r\n" not in self.unread:
            self.more()
        head, _, self.unread = self.unread.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = [line.split(": ", 1) for line in lines]
        headers = {name.lower(): value for name, value in pairs}
        size = 0 if method == "HEAD" else int(headers.get("content-length", 0))
        while len(self.unread) < size:
            self.more()
        raw, self.unread = self.unread[:size], self.unread[size:]
        return Heard(int(first.split()[1]), headers, raw)

    def more(self) -> None:
        # Much at once: what is there already is copied each time.
        data = self.sock.recv(1 << 22)
        if not data:
            raise EOFError(self.unread)
        self.unread += data

    def ended(self) -> bool:
        """Whether the other side closes without a further word."""
        return not self.unread and self.sock.recv(65536) == b""

    def reset(self) -> None:
        self.sock.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.sock.close()
