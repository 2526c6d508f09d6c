"""Finds the spans of a trace in the files that the processes write."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Span = dict[str, Any]
FILES = "*.jsonl*"
# Each line begins with it.
TRACE = re.compile(rb'\{"trace": ?"([^"]*)"')
# A process tells of what is over twice a second.
SETTLED_SECONDS = 1.0
PATIENCE_SECONDS = 2.0
PAUSE_SECONDS = 0.1
NS = 1_000_000_000


class Traces:
    """Those in ``folder``, which all processes of this machine write into."""

    def __init__(
        self,
        folder: Path,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.folder, self.now, self.sleep = folder, now, sleep

    def find(self, name: str) -> list[Span]:
        """All spans of the trace, or of those of the request, that has this id.

        What has just happened is waited for.
        """
        end = self.now() + PATIENCE_SECONDS
        found = self.look_for(name)
        while self.now() < end and not self.is_settled(found):
            self.sleep(PAUSE_SECONDS)
            found = self.look_for(name)
        return found

    def is_settled(self, spans: list[Span]) -> bool:
        last = max((ended(span) for span in spans), default=self.now())
        return self.now() - last > SETTLED_SECONDS

    def look_for(self, name: str) -> list[Span]:
        return list(self.spans_of({span["trace"] for span in self.that_name(name)}))

    def that_name(self, word: str) -> Iterator[Span]:
        wanted = f'"{word}"'.encode()
        return (json.loads(line) for line in self.lines() if wanted in line)

    def spans_of(self, ids: set[str]) -> Iterator[Span]:
        """However many ``ids`` there are, a line is looked at once."""
        wanted = {each.encode() for each in ids}
        for line in self.lines():
            if (found := TRACE.match(line)) and found[1] in wanted:
                yield json.loads(line)

    def latest(self, most: int, failed: bool = False) -> list[Span]:
        """Where the latest traces came in, the last one first."""
        found = [span for line in self.lines() if (span := first_of_all(line))]
        wanted = [span for span in found if span["error"] or not failed]
        return sorted(wanted, key=ended, reverse=True)[:most]

    def lines(self) -> Iterator[bytes]:
        """A line that is still being written is left for later."""
        for file in sorted(self.folder.glob(FILES)):
            with file.open("rb") as lines:
                yield from (line for line in lines if line.endswith(b"\n"))


def first_of_all(line: bytes) -> Span | None:
    if b'"shopnow.request_id"' not in line or b'"gateway"' not in line:
        return None
    span: Span = json.loads(line)
    return span if span["service"] == "gateway" and span["kind"] == "server" else None


def ended(span: Span) -> float:
    """In seconds since the epoch."""
    return float(span["start"] + span["ns"]) / NS
