"""An answer, and the bytes that it is on the wire."""

from http import HTTPStatus

STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}" for status in HTTPStatus
}
# These never have a body, and no length that could announce one.
BODILESS = frozenset({204, 304})


class Response:
    """``headers`` are all but Content-Type and those about the connection."""

    __slots__ = ("body", "content_type", "headers", "status")

    def __init__(
        self,
        body: bytes | str | None = None,
        status: int = 200,
        headers: dict[str, str] | None = None,
        content_type: str | None = None,
    ) -> None:
        self.body = body.encode() if isinstance(body, str) else body or b""
        self.status, self.content_type = status, content_type
        self.headers = {} if headers is None else headers

    def encode(self, head: bool = False, close: bool = False) -> bytes:
        """The whole wire form; raises ``ValueError`` for a broken header.

        With ``head`` the body is announced, and left out.
        """
        if self.status in BODILESS:
            return self.head(close)
        return self.head(close) + (b"" if head else self.body)

    def head(self, close: bool) -> bytes:
        lines = [STATUS_LINES[self.status]]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.status not in BODILESS:
            if self.content_type:
                lines.append(f"Content-Type: {self.content_type}")
            lines.append(f"Content-Length: {len(self.body)}")
        if close:
            lines.append("Connection: close")
        text = "\r\n".join(lines)
        # A line break inside a value would begin a header of somebody else's.
        if text.count("\n") + text.count("\r") != 2 * (len(lines) - 1):
            raise ValueError("a header holds a line break")
        return f"{text}\r\n\r\n".encode("latin-1")
