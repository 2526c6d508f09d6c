"""Where lines go: to the standard output, and those that tell of trouble to a ring."""

import logging
from collections import deque
from typing import Any

from common.logs.lines import fields

MOST_KEPT = 50

# The last lines of this process that tell of trouble.
recent: deque[dict[str, Any]] = deque(maxlen=MOST_KEPT)


class Console(logging.StreamHandler):
    """Writes a line at a time; greenlets need no lock for that."""

    def createLock(self) -> None:  # noqa: N802 - logging's name
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self.stream.write(f"{self.format(record)}\n")
            self.flush()
            if record.levelno >= logging.WARNING and tells_of_trouble(record):
                recent.append(fields(record))
        except Exception:
            self.handleError(record)


def tells_of_trouble(record: logging.LogRecord) -> bool:
    """An error, or a call that was refused because a part of the shop is away."""
    return record.levelno >= logging.ERROR or hasattr(record, "call")
