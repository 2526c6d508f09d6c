"""What a process does for one request, event or tick: an entry and its parts.

Only when an entry ends is it known whether anybody will want to see it, and only
what is kept is turned into OpenTelemetry's own spans.
"""

from random import getrandbits

from common.tracing.context import Parent
from common.tracing.spans import Attributes, Kind, Span
from common.tracing.tracer import TRACER

# Of one entry; a batch of products would else be thousands.
MOST_SPANS = 500


class Entry(Span):
    """The first span of a process; it has the others when they are over.

    One that is ``idle`` came round by itself and mostly finds nothing to do: it is
    not sampled.
    """

    __slots__ = ("failed", "kept", "parent", "spans")
    is_first = True

    def __init__(
        self,
        name: str,
        kind: Kind,
        attributes: Attributes | None,
        parent: Parent | None,
        idle: bool,
    ) -> None:
        super().__init__(name, kind, attributes)
        self.parent = parent
        if parent is None:
            number = getrandbits(128) or 1
            self.trace_id = f"{number:032x}"
            self.sampled = not idle and TRACER.samples(number)
        else:
            self.trace_id, self.sampled = parent.trace_id, parent.sampled
        self.spans: list[Span] = []
        self.failed = self.kept = False

    @property
    def entry(self) -> "Entry":
        return self

    @property
    def parent_id(self) -> str | None:  # type: ignore[override]
        return self.parent.span_id if self.parent else None

    def add(self, span: Span) -> None:
        """``span`` is over; what outlives its entry is told of by itself."""
        if span is self:
            # Each span knows its entry: without this, a collector would have to come.
            spans, self.spans = self.spans, []
            self.kept = TRACER.ended(self, spans)
        elif not self.end:
            if len(self.spans) < MOST_SPANS:
                self.spans.append(span)
        elif self.kept:
            TRACER.export(self, [span])


class Part(Span):
    __slots__ = ("entry", "parent")

    def __init__(
        self, name: str, kind: Kind, attributes: Attributes | None, parent: Span
    ) -> None:
        super().__init__(name, kind, attributes)
        self.parent, self.entry = parent, parent.entry
        self.trace_id, self.sampled = parent.trace_id, parent.sampled

    @property
    def parent_id(self) -> str:  # type: ignore[override]
        return self.parent.span_id
