"""One of our lines for people, who read it in a terminal."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

TOLD_OTHERWISE = frozenset(
    {"time", "level", "logger", "pid", "service", "message", "exception", "span_id"}
)
# What is said in the head of a call's line; whose it was is for machines alone.
OF_A_CALL = TOLD_OTHERWISE | {
    *("kind", "entrypoint", "method", "path", "status", "outcome"),
    *("duration_ms", "arguments", "user_id"),
}
DIM, RED, YELLOW, RESET = "\x1b[2m", "\x1b[31m", "\x1b[33m", "\x1b[0m"
COLOURS = {"debug": DIM, "warning": YELLOW, "error": RED, "critical": RED}
NO_TIME = " " * len("HH:MM:SS")
# `package.Refused: why`, or a name that says what it is: `KeyError: 'x'`.
EXCEPTION = re.compile(
    r"((\w+\.)+[A-Z]\w*|[A-Z]\w*(Error|Exception|Exit|Interrupt|Iteration))(:|$)"
)


def readable(said: Mapping[str, Any], colours: bool = False, name: str = "") -> str:
    """``name`` is who speaks, if it is not the service."""
    level = str(said.get("level", ""))
    speaker = f"{clock(said)} {name or said.get('service', '-')}"
    shown = f"{level:7}"
    if colours:
        speaker = f"{DIM}{speaker}{RESET}"
        shown = f"{COLOURS[level]}{shown}{RESET}" if level in COLOURS else shown
    return f"{speaker}  {shown}  {words(said)}"


def clock(said: Mapping[str, Any]) -> str:
    """The time of day where the reader is."""
    try:
        return f"{datetime.fromisoformat(said['time']).astimezone():%H:%M:%S}"
    except (KeyError, TypeError, ValueError):
        return NO_TIME


def words(said: Mapping[str, Any]) -> str:
    """What a line says beside when, who and how loud, on one line."""
    told = OF_A_CALL if "outcome" in said else TOLD_OTHERWISE
    rest = {key: value for key, value in said.items() if key not in told}
    if "request_id" in rest:
        # Who wants to follow it further finds its trace by that.
        rest.pop("trace_id", None)
    found = [head(said), *(f"{key}={value(of)}" for key, of in rest.items())]
    found += [f"exception={why!r}"] if (why := exception(said)) else []
    return printable(" ".join(found))


def head(said: Mapping[str, Any]) -> str:
    """``GET /v1/cart 200 3.1 ms`` or ``rpc get_cart ok 1.2 ms``, of a call."""
    if "outcome" not in said:
        return str(said["message"])
    outcome = said["outcome"]
    if "path" in said:
        ended = [said["status"], *([outcome] if outcome != "ok" else [])]
        known = [said.get("method"), said["path"], *ended]
    else:
        known = [said.get("kind"), said.get("entrypoint"), outcome]
    if "duration_ms" in said:
        known.append(f"{said['duration_ms']} ms")
    arguments = said.get("arguments")
    if isinstance(arguments, dict):
        known += [f"{key}={value(of)}" for key, of in arguments.items()]
    return " ".join(map(str, known))


def exception(said: Mapping[str, Any]) -> str:
    return exception_line(str(said.get("exception", "")).split("\n"))


def exception_line(lines: Sequence[str]) -> str:
    """The last line that begins an exception: its own text may go on below."""
    found = (line.strip() for line in reversed(lines) if EXCEPTION.match(line))
    return next(found, "")


def value(of: Any) -> str:
    is_word = isinstance(of, str) and of and not re.search(r"[\s=\"]", of)
    return str(of) if is_word else json.dumps(of, ensure_ascii=False)


def printable(text: str) -> str:
    """On one line, and nothing that a terminal would obey."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
