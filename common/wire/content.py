"""A message on its way in, frame by frame."""

from common.wire import frames


class Content:
    """What follows the frame of a delivery or a return: properties and a body."""

    __slots__ = ("body", "frame", "header", "method", "missing")

    def __init__(self, method: tuple[int, int], frame: bytes) -> None:
        self.method, self.frame = method, frame
        self.header = self.body = b""
        self.missing = 0

    def complete(self, kind: int, frame: bytes) -> bool:
        if kind == frames.HEADER:
            self.missing, self.header = frames.read_size(frame), frame
        else:
            self.missing -= len(frame)
            self.body = self.body + frame if self.body else frame
        return self.missing == 0
