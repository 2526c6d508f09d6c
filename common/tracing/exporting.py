"""What is kept becomes OpenTelemetry's own spans, and goes to whoever is told.

The SDK has the data model, the batches and OTLP; it is loaded only where spans
leave the process.
"""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.export import SpanExportResult as Outcome
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.status import Status, StatusCode

from common.tracing.spans import Span
from common.tracing.tracer import Export

log = logging.getLogger(__name__)

# Whoever looks for a trace right after its request shall find it.
BATCH_MS = 500
# Encoding one takes 18 us; nobody else may run meanwhile.
BATCH = 128
MOST_WAITING = 4096
OTLP_SECONDS = 3
# The process that tells shall end, whoever does not listen.
END_MS = 1500
OTLP_PATH = "/v1/traces"

SCOPE = InstrumentationScope("shopnow")
KINDS = tuple(SpanKind)
FLAGS = TraceFlags(TraceFlags.SAMPLED)
FINE, FAILED = Status(StatusCode.UNSET), Status(StatusCode.ERROR)


class Away(SpanExporter):
    """``exporter``, of whose absence one line tells, and one of its return."""

    def __init__(self, exporter: SpanExporter, where: str) -> None:
        self.exporter, self.where = exporter, where
        self.away = False

    def export(self, spans: Sequence[ReadableSpan]) -> Outcome:
        try:
            outcome = self.exporter.export(spans)
        except Exception:
            outcome = Outcome.FAILURE
        away = outcome is not Outcome.SUCCESS
        if away and not self.away:
            log.warning("traces cannot be told: %s is away", self.where)
        elif self.away and not away:
            log.info("traces are told again: %s is back", self.where)
        self.away = away
        return outcome

    def shutdown(self) -> None:
        self.exporter.shutdown()


class Batches(BatchSpanProcessor):
    def shutdown(self) -> None:
        """The SDK would wait for 30 s, and offers no way to say so but this."""
        self._batch_processor.shutdown(timeout_millis=END_MS)


def otlp(endpoint: str) -> SpanExporter:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )

    url = endpoint.rstrip("/") + OTLP_PATH
    return Away(OTLPSpanExporter(endpoint=url, timeout=OTLP_SECONDS), url)


def batches(exporter: SpanExporter) -> BatchSpanProcessor:
    return Batches(
        exporter,
        max_queue_size=MOST_WAITING,
        schedule_delay_millis=BATCH_MS,
        max_export_batch_size=BATCH,
    )


def to_all(processors: Sequence[Any], resource: Resource) -> Export:
    """An ``Export`` to each of ``processors``."""
    return partial(hand_over, processors, resource)


def hand_over(
    processors: Sequence[Any], resource: Resource, entry: Any, spans: Sequence[Span]
) -> None:
    for span in spans:
        readable = readable_from(span, resource)
        for processor in processors:
            processor.on_end(readable)


def readable_from(span: Span, resource: Resource) -> ReadableSpan:
    trace_id = int(span.trace_id, 16)
    attributes = span.attributes
    if span.error:
        attributes = {**attributes, "error.type": span.error}
    return ReadableSpan(
        name=span.name,
        context=SpanContext(trace_id, int(span.span_id, 16), False, FLAGS),
        parent=parent_of(span, trace_id),
        resource=resource,
        attributes=attributes,
        kind=KINDS[span.kind],
        status=FAILED if span.error else FINE,
        start_time=span.start,
        end_time=span.end,
        instrumentation_scope=SCOPE,
    )


def parent_of(span: Span, trace_id: int) -> SpanContext | None:
    if span.parent_id is None:
        return None
    return SpanContext(trace_id, int(span.parent_id, 16), span.is_first, FLAGS)
