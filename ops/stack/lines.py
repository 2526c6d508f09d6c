"""Log lines for people: ours are JSON, those of others are whatever they are."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

TOLD_OTHERWISE = {"time", "level", "logger", "pid", "message", "exception"}
COLOURS = {"warning": "yellow", "error": "red", "critical": "red"}
# `package.Refused: why`, or a name that says what it is: `KeyError: 'x'`.
EXCEPTION = re.compile(
    r"((\w+\.)+[A-Z]\w*|[A-Z]\w*(Error|Exception|Exit|Interrupt|Iteration))(:|$)"
)
TRACEBACK = ("Traceback (", '  File "')
NO_TIME = " " * len("HH:MM:SS")
# What click says after it has said what is wrong.
EMPTY_WORDS = "Aborted!"


def record(line: str) -> dict[str, Any] | None:
    """What one of our lines says, or None for a line of somebody else."""
    if not line.startswith("{"):
        return None
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if "message" in said else None


def gist(lines: Sequence[str]) -> str:
    """The one thing to quote of a log's end."""
    full = [line for line in lines if line.strip() not in ("", EMPTY_WORDS)]
    if not full:
        return ""
    if said := record(full[-1]):
        words = [str(said["message"]), exception(said)]
        return printable(": ".join(filter(None, words)))
    is_click = full[-1].startswith("Error: ")
    if not is_click and any(line.startswith(TRACEBACK) for line in full):
        return exception_line(full) or full[-1].strip()
    return full[-1].strip()


def exception(said: dict[str, Any]) -> str:
    return exception_line(str(said.get("exception", "")).split("\n"))


def exception_line(lines: Sequence[str]) -> str:
    """The last line that begins an exception: its own text may go on below."""
    found = (line.strip() for line in reversed(lines) if EXCEPTION.match(line))
    return next(found, "")


def is_noise(said: dict[str, Any]) -> bool:
    """Each process tells of each of its connections to the broker."""
    connected = str(said["message"]).startswith("Connected to ")
    return connected and said.get("logger") == "kombu.mixins"


def readable(name: str, line: str) -> str | None:
    """The line with its speaker, or None when it is not worth a look."""
    if (said := record(line)) is None:
        return f"{speaker(NO_TIME, name)}  {line}"
    if is_noise(said):
        return None
    level = str(said.get("level", ""))
    shown = click.style(f"{level:7}", fg=COLOURS.get(level))
    return f"{speaker(clock(said), name)}  {shown}  {told(said)}"


def speaker(time: str, name: str) -> str:
    return click.style(f"{time} {name}", dim=True)


def clock(said: dict[str, Any]) -> str:
    """The time of day where the reader is."""
    try:
        return f"{datetime.fromisoformat(said['time']).astimezone():%H:%M:%S}"
    except (KeyError, TypeError, ValueError):
        return NO_TIME


def told(said: dict[str, Any]) -> str:
    rest = {key: said[key] for key in said.keys() - TOLD_OTHERWISE}
    words = [f"{key}={value(rest[key])}" for key in said if key in rest]
    words += [f"exception={why!r}"] if (why := exception(said)) else []
    return printable(" ".join([str(said["message"]), *words]))


def value(of: Any) -> str:
    is_word = isinstance(of, str) and of and not re.search(r"[\s=\"]", of)
    return str(of) if is_word else json.dumps(of, ensure_ascii=False)


def printable(text: str) -> str:
    """On one line, and nothing that a terminal would obey."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
