"""``/errors`` on the internal port: the last lines of this process about trouble."""

from typing import Any

from common.internal import PAGES, Page
from common.logs.console import recent
from common.logs.lines import encoded

TOLD = (
    "time",
    "service",
    "pid",
    "level",
    "message",
    "entrypoint",
    "outcome",
    "request_id",
    "trace_id",
)


def errors() -> Page:
    """``{"items": [...]}``, the newest first."""
    items = [brief(line) for line in reversed(recent)]
    return Page(encoded({"items": items}).encode(), "application/json")


def brief(line: dict[str, Any]) -> dict[str, Any]:
    told = {name: line.get(name) for name in TOLD}
    if "status" in line:
        told["status"] = line["status"]
    if "exception" in line:
        # Which exception it was; where it came from is in the log.
        told["exception"] = line["exception"].rpartition("\n")[2]
    return told


def publish() -> None:
    PAGES["/errors"] = errors
