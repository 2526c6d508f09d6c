"""Who worked for a request, on what and for how long: OpenTelemetry's traces.

``entry`` begins what a process does for somebody, ``span`` a part of that, and
``current()`` is the part under way in this greenlet: ``trace_id``, ``span_id``.
"""

from common.tracing.begin import NOTHING, current, entry, here, span, under
from common.tracing.context import Parent, header_of, read
from common.tracing.entries import Entry
from common.tracing.set_up import set_up
from common.tracing.spans import Kind, Span
from common.tracing.tracer import TRACER

__all__ = [
    "NOTHING",
    "TRACER",
    "Entry",
    "Kind",
    "Parent",
    "Span",
    "current",
    "entry",
    "header_of",
    "here",
    "read",
    "set_up",
    "span",
    "under",
]
