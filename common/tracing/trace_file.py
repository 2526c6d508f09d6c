"""Spans in a file, a line of JSON each: what `shopnow trace` reads."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

# A file that has so much is put aside, in the place of the one before.
LARGEST = 16 * 1024 * 1024


class TraceFile(SpanExporter):
    """At most twice ``largest`` bytes, of which the older half is in ``PATH.1``."""

    def __init__(self, path: str, largest: int = LARGEST) -> None:
        self.path, self.largest = Path(path), largest

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.write(b"".join(map(line, spans)))
            full = file.tell() > self.largest
        if full:
            self.path.replace(f"{self.path}.1")
        return SpanExportResult.SUCCESS


def line(span: ReadableSpan) -> bytes:
    return orjson.dumps(told(span), option=orjson.OPT_APPEND_NEWLINE)


def told(span: ReadableSpan) -> dict[str, Any]:
    """``start`` is in nanoseconds since the epoch, ``ns`` how long it took."""
    start, end = span.start_time or 0, span.end_time or 0
    return {
        "trace": f"{span.context.trace_id:032x}",
        "span": f"{span.context.span_id:016x}",
        "parent": f"{span.parent.span_id:016x}" if span.parent else None,
        "service": span.resource.attributes["service.name"],
        "process": span.resource.attributes["service.instance.id"],
        "name": span.name,
        "kind": span.kind.name.lower(),
        "start": start,
        "ns": end - start,
        "error": not span.status.is_unset,
        "attributes": dict(span.attributes or {}),
    }
