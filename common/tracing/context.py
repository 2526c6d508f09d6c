"""A span as others are told of it: the W3C header ``traceparent``."""

import re
from typing import Any, NamedTuple

HEADER = "traceparent"
SHAPE = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
INVALID_VERSION, NO_TRACE, NO_SPAN = "ff", "0" * 32, "0" * 16
SAMPLED = 1


class Parent(NamedTuple):
    """A span of another process, or of another time."""

    trace_id: str
    span_id: str
    sampled: bool


def read(header: object) -> Parent | None:
    """The span that ``header`` tells of; None for anything that is no such header."""
    found = SHAPE.fullmatch(header) if isinstance(header, str) else None
    if found is None:
        return None
    version, trace_id, span_id, flags = found.groups()
    if version == INVALID_VERSION or trace_id == NO_TRACE or span_id == NO_SPAN:
        return None
    return Parent(trace_id, span_id, bool(int(flags, 16) & SAMPLED))


def header_of(span: Any) -> str:
    """What tells others of ``span``, which has ``trace_id span_id sampled``."""
    return f"00-{span.trace_id}-{span.span_id}-{'01' if span.sampled else '00'}"
