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
    """What this process does for somebody: the first of its spans, and all others.

    ``worth_telling`` is false of what comes round by itself and mostly finds
    nothing to do; ``links`` are other traces that it goes on with.
    """

    __slots__ = ("failed", "kept", "links", "parent", "spans", "worth_telling")

    def __init__(
        self,
        name: str,
        kind: Kind,
        attributes: Attributes | None,
        parent: Parent | None,
    ) -> None:
        super().__init__(name, kind, attributes)
        self.parent = parent
        if parent is None:
            number = getrandbits(128) or 1
            self.trace_id, self.sampled = f"{number:032x}", TRACER.samples(number)
        else:
            self.trace_id, self.sampled = parent.trace_id, parent.sampled
        self.spans: list[Span] = []
        self.links: list[Parent] = []
        self.failed = self.kept = False
        self.worth_telling = True

    @property
    def entry(self) -> "Entry":  # type: ignore[override]
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
