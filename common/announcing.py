"""News for whoever listens at this moment: at most once, and cheap.

What must not be lost goes through the outbox; an announcement only makes
others look again sooner.
"""

from typing import Any

import eventlet
from nameko.constants import HEADER_PREFIX
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from common.clock import utc_now
from common.events import envelope
from common.json import dumps
from common.tracing import here
from common.tracing.messages import published, trace_header
from common.wire import Caller
from common.wire.line import Lost

# What happens within this time is one announcement.
GATHER_SECONDS = 0.01
PROPERTIES = {
    "content_type": "application/json",
    "content_encoding": "utf-8",
    "delivery_mode": 1,
}
HEADERS = {f"{HEADER_PREFIX}.announced": True}


class Announcer(DependencyProvider):
    """``self.changes.announce(ids)``: ``event_type`` with ``{field: [ids]}``.

    None instead of ids says that it may be any of them.  Of the requests that share
    an announcement, the first has it in its trace.
    """

    caller = Caller()

    def __init__(self, event_type: str, field: str) -> None:
        super().__init__()
        self.event_type, self.field = event_type, field
        self.ids: set[str] | None = set()
        self.waiting = False
        self.traceparent: str | None = None

    def setup(self) -> None:
        self.exchange = f"{self.container.service_name}.events"

    def get_dependency(self, worker_ctx: WorkerContext) -> "Announcer":
        return self

    def announce(self, ids: Any) -> None:
        self.ids = None if ids is None or self.ids is None else self.ids | set(ids)
        if not self.waiting:
            self.waiting, self.traceparent = True, here()
            eventlet.spawn_after(GATHER_SECONDS, self.send)

    def send(self) -> None:
        self.waiting, ids, self.ids = False, self.ids, set()
        data = {self.field: None if ids is None else sorted(ids)}
        event = envelope(self.event_type, data, utc_now(), None)
        try:
            published(self.publish, self.event_type, event, self.traceparent)
        except Lost:
            """Without a broker nobody listens."""

    def publish(self, event_type: str, event: dict[str, Any]) -> None:
        properties = PROPERTIES | {"headers": HEADERS | trace_header()}
        self.caller.publish(self.exchange, event_type, properties, dumps(event))
