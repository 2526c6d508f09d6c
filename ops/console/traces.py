"""One trace out of the processes' trace files, as rows of a waterfall."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ops.trace.reading import Span, Traces

DEEPEST = 9


@dataclass(frozen=True)
class Row:
    """``start`` and ``width`` are shares of what the whole trace took."""

    depth: int
    service: str
    name: str
    seconds: float
    start: float
    width: float
    error: bool
    facts: str


@dataclass(frozen=True)
class Trace:
    id: str
    began: float
    seconds: float
    rows: list[Row]


def find(folder: Path, trace_id: str) -> Trace | None:
    """``trace_id`` as all processes of this machine have told it, or None."""
    spans = list(Traces(folder).spans_of({trace_id}))
    return laid_out(trace_id, spans) if spans else None


def laid_out(trace_id: str, spans: list[Span]) -> Trace:
    began = min(span["start"] for span in spans)
    whole = max(span["start"] + span["ns"] for span in spans) - began or 1
    rows = [row(depth, span, began, whole) for depth, span in in_order(spans)]
    return Trace(trace_id, began / 1e9, whole / 1e9, rows)


def in_order(spans: Iterable[Span]) -> Iterator[tuple[int, Span]]:
    """Each below what it was done for; one whose parent is not told stands alone."""
    below: defaultdict[str | None, list[Span]] = defaultdict(list)
    known = {span["span"]: span for span in spans}
    for span in sorted(known.values(), key=lambda each: each["start"]):
        below[span["parent"] if span["parent"] in known else None].append(span)
    ahead = [(0, span) for span in reversed(below[None])]
    while ahead:
        depth, span = ahead.pop()
        yield depth, span
        ahead += [(depth + 1, each) for each in reversed(below[span["span"]])]


def row(depth: int, span: Span, began: int, whole: int) -> Row:
    return Row(
        depth=min(depth, DEEPEST),
        service=span["service"],
        name=span["name"],
        seconds=span["ns"] / 1e9,
        start=(span["start"] - began) / whole,
        width=span["ns"] / whole,
        error=span["error"],
        facts=", ".join(f"{name}={fact}" for name, fact in span["attributes"].items()),
    )
