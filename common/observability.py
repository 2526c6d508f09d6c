"""Logs: one JSON object a line, one line a fact."""

import json
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from traceback import extract_tb
from typing import Any

# A record would otherwise look up its thread and its caller, which nobody reads
# and which take longer under eventlet than all the rest.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
logging._srcfile = None

STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """``time level logger pid message``, then whatever ``extra`` said."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": os.getpid(),
            "message": record.getMessage(),
        }
        line |= {k: v for k, v in vars(record).items() if k not in STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Which exceptions, and from where; what they say may be of a person."""
        return "\n".join(told(ei[1]))


def told(trouble: BaseException | None) -> Iterator[str]:
    """A line a frame, the innermost last, and whatever it came of before it."""
    if trouble is None:
        return
    hidden = trouble.__suppress_context__
    yield from told(trouble.__cause__ or (None if hidden else trouble.__context__))
    for frame in extract_tb(trouble.__traceback__):
        yield f"{frame.filename}:{frame.lineno} in {frame.name}"
    yield type(trouble).__qualname__


class Console(logging.StreamHandler):
    """Writes a line at a time; greenlets need no lock for that."""

    def createLock(self) -> None:  # noqa: N802 - logging's name
        self.lock = None
