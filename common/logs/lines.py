"""A log record as one line: JSON for machines, or words and colours for a terminal."""

import json
import logging
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from traceback import extract_tb
from typing import Any

import orjson

from common import tracing
from common.logs.pretty import readable
from common.logs.redaction import words_of, written

# A record would otherwise look up its thread and its caller, which nobody reads
# and which take longer under eventlet than all the rest.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
logging._srcfile = None

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
}
# Only what JSON itself has: a dataclass that gets here may hold anything.
PLAIN = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_NON_STR_KEYS
# The service of this process, once it is known.
owner: dict[str, str] = {}


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """``time level logger pid message``, whose trace it is, and what ``extra`` said."""
    line: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC),
        "level": record.levelname.lower(),
        "logger": record.name,
        "pid": os.getpid(),
        "message": words_of(record),
    }
    line.update(owner)
    if span := tracing.current():
        line["trace_id"], line["span_id"] = span.trace_id, span.span_id
    said = record.__dict__
    line.update(said["call"] if "call" in said else more_in(said))
    if record.exc_info and record.exc_info[1]:
        # Which exceptions, and from where; what they say may be of a person.
        line["exception"] = "\n".join(told(record.exc_info[1]))
    return line


def more_in(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in STANDARD}


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return encoded(fields(record))


class Pretty(logging.Formatter):
    """Coloured where there is somebody to see it."""

    def format(self, record: logging.LogRecord) -> str:
        said = json.loads(encoded(fields(record)))
        return readable(said, colours=sys.stdout.isatty())


FORMATS: dict[str, type[logging.Formatter]] = {"json": JsonLines, "pretty": Pretty}


def formatter(style: str = "json") -> logging.Formatter:
    """``LOG_FORMAT`` as the configuration names it; raises ``ValueError``."""
    if style not in FORMATS:
        raise ValueError(f"LOG_FORMAT is {style!r}, not one of {', '.join(FORMATS)}")
    return FORMATS[style]()


def encoded(line: dict[str, Any]) -> str:
    try:
        return orjson.dumps(line, default=written, option=PLAIN).decode()
    except TypeError:
        # Half of a surrogate pair, or a number of more than 64 bits.
        return json.dumps(line, default=written, skipkeys=True)


def told(trouble: BaseException | None) -> Iterator[str]:
    """A line a frame, the innermost last, and whatever it came of before it."""
    if trouble is None:
        return
    hidden = trouble.__suppress_context__
    yield from told(trouble.__cause__ or (None if hidden else trouble.__context__))
    for frame in extract_tb(trouble.__traceback__):
        yield f"{frame.filename}:{frame.lineno} in {frame.name}"
    yield type(trouble).__qualname__
