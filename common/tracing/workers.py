"""Nameko's workers as entries: who called, what for, and how it ended."""

from contextlib import AbstractContextManager
from typing import Any

from nameko.containers import WorkerContext

from common.tracing.begin import entry
from common.tracing.context import HEADER, read
from common.tracing.spans import Kind, Span

REQUEST_ID = "shopnow.request_id"


def traced(worker_ctx: WorkerContext) -> AbstractContextManager[Span]:
    """What the entrypoint's own ``traced`` says; a timer comes round by itself."""
    own = getattr(worker_ctx.entrypoint, "traced", None)
    if own is not None:
        return own(worker_ctx)
    return entry(worker_ctx.entrypoint.method_name, Kind.INTERNAL, idle=True)


def told_entry(
    name: str, kind: Kind, attributes: dict[str, Any], worker_ctx: WorkerContext
) -> Span:
    """An entry for whom the context data of a worker names."""
    context = worker_ctx.context_data
    request_id = context.get("request_id")
    if request_id:
        attributes = {**attributes, REQUEST_ID: request_id}
    parent = read(context.get(HEADER))
    return entry(name, kind, attributes, parent, idle=parent is None)
