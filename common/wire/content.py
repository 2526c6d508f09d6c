"""A message on its way in, frame by frame."""

from typing import Any

from common.wire import frames

# Far more than any call has; the rest of a larger body is not even kept.
LARGEST_BODY = 16 * 1024 * 1024


class Content:
    """What follows the frame of a delivery or a return: properties and a body."""

    __slots__ = ("frame", "header", "method", "missing", "parts", "size")

    def __init__(self, method: tuple[int, int], frame: bytes) -> None:
        self.method, self.frame = method, frame
        self.header = b""
        self.parts: list[bytes] = []
        self.size = self.missing = 0

    def complete(self, kind: int, frame: bytes) -> bool:
        if kind == frames.HEADER:
            self.size = self.missing = frames.read_size(frame)
            self.header = frame
        else:
            self.missing -= len(frame)
            if self.size <= LARGEST_BODY:
                self.parts.append(frame)
        return self.missing == 0

    @property
    def body(self) -> bytes:
        return b"".join(self.parts)

    @property
    def properties(self) -> dict[str, Any]:
        """None of a message that nobody could take."""
        if self.size > LARGEST_BODY:
            return {}
        return frames.read_properties(self.header)
