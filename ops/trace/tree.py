"""A trace as a tree: who had whom do what, when, and for how long."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ops.trace.reading import Span

MS, SECOND = 1_000_000, 1_000_000_000


@dataclass(frozen=True)
class Row:
    """A span; ``offset`` and ``share`` are parts of the whole trace's time."""

    span: Span
    depth: int
    offset: float
    share: float

    @property
    def title(self) -> str:
        """What was done; where its process begins, also by whom."""
        name, service = self.span["name"], self.span["service"]
        known = not self.is_entry or name.startswith(service)
        status = self.attributes.get("http.response.status_code")
        words = [name if known else f"{service}: {name}", str(status or "")]
        return " ".join(filter(None, words))

    @property
    def is_entry(self) -> bool:
        return self.span["kind"] in ("server", "consumer", "producer")

    @property
    def outcome(self) -> str:
        """The code of a refusal, or the type of what went wrong; or nothing."""
        error = self.attributes.get("error.type")
        return str(error or self.attributes.get("shopnow.outcome", ""))

    @property
    def failed(self) -> bool:
        return bool(self.span["error"])

    @property
    def attributes(self) -> dict[str, Any]:
        attributes: dict[str, Any] = self.span["attributes"]
        return attributes

    @property
    def took(self) -> str:
        return duration(self.span["ns"])


def tree(spans: list[Span]) -> list[Row]:
    """The rows in their order; a span whose parent is not known begins anew."""
    if not spans:
        return []
    begin = min(span["start"] for span in spans)
    whole = max(max(span["start"] + span["ns"] for span in spans) - begin, 1)
    known = {span["span"] for span in spans}
    children = defaultdict(list)
    for span in sorted(spans, key=lambda span: (span["start"], -span["ns"])):
        children[span["parent"] if span["parent"] in known else None].append(span)

    def under(parent: str | None, depth: int) -> Iterator[Row]:
        # Taken out, so that a file that is wrong cannot lead us round in a circle.
        for span in children.pop(parent, []):
            offset = (span["start"] - begin) / whole
            yield Row(span, depth, offset, span["ns"] / whole)
            yield from under(span["span"], depth + 1)

    return list(under(None, 0))


def duration(ns: int) -> str:
    if ns >= SECOND:
        return f"{ns / SECOND:.2f} s"
    digits = 1 if ns < 10 * MS else 0
    return f"{ns / MS:.{digits}f} ms"
