"""Events on their way: who publishes them goes on with the trace they came of."""

from collections.abc import Callable
from typing import Any

from nameko.constants import HEADER_PREFIX
from nameko.containers import WorkerContext

from common.tracing.begin import entry, here
from common.tracing.context import HEADER, read
from common.tracing.spans import Kind, Span
from common.tracing.workers import told_entry

SYSTEM = {"messaging.system": "rabbitmq"}


def published(
    publish: Callable[[str, dict], None],
    event_type: str,
    body: dict[str, Any],
    traceparent: str | None,
) -> None:
    """``publish(event_type, body)``, for the span that stored the event."""
    described = {
        **SYSTEM,
        "messaging.operation.type": "send",
        "messaging.destination.name": event_type,
        "messaging.message.id": body["id"],
    }
    parent, name = read(traceparent), f"publish {event_type}"
    with entry(name, Kind.PRODUCER, described, parent, idle=parent is None):
        publish(event_type, body)


def trace_header() -> dict[str, str]:
    """The headers of a message that is sent here."""
    found = here()
    return {HEADER: found} if found else {}


def adopt_trace(headers: dict[str, Any]) -> None:
    """Have Nameko put what W3C's header says into the context of the worker."""
    if HEADER in headers:
        headers[f"{HEADER_PREFIX}.{HEADER}"] = headers[HEADER]


def consuming(handler: Any, worker_ctx: WorkerContext) -> Span:
    """An entry for an event, handled by an entrypoint of Nameko's."""
    described = {
        **SYSTEM,
        "messaging.operation.type": "process",
        "messaging.destination.name": handler.event_type,
        "messaging.consumer.group.name": handler.method_name,
    }
    [event] = worker_ctx.args
    if isinstance(event, dict) and isinstance(event.get("id"), str):
        described["messaging.message.id"] = event["id"]
    name = f"process {handler.event_type}"
    return told_entry(name, Kind.CONSUMER, described, worker_ctx)
