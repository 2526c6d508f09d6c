"""A span for each command that pymongo sends."""

from typing import Any

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from common.tracing.begin import current, span
from common.tracing.spans import Kind, Span

# A greenlet that is ended in the midst of a command never tells of its end.
MOST_UNDER_WAY = 256


class Commands(CommandListener):
    """For ``event_listeners`` of a client; what a command asks for stays with it."""

    def __init__(self) -> None:
        self.under_way: dict[int, Span] = {}

    def started(self, event: CommandStartedEvent) -> None:
        if current() is None:
            return
        operation, collection = event.command_name, target(event)
        described = {
            "db.system.name": "mongodb",
            "db.operation.name": operation,
            "db.collection.name": collection,
        }
        name = f"{operation} {collection}"
        if len(self.under_way) >= MOST_UNDER_WAY:
            del self.under_way[next(iter(self.under_way))]
        self.under_way[event.request_id] = span(name, Kind.CLIENT, described)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        if (done := self.under_way.pop(event.request_id, None)) is not None:
            done.finish()

    def failed(self, event: CommandFailedEvent) -> None:
        """It may be one that is tried again, such as a transaction in another's way."""
        if (done := self.under_way.pop(event.request_id, None)) is not None:
            done.error = str(event.failure.get("codeName", "failed"))
            done.finish()


def target(event: Any) -> str:
    """The collection; a cursor goes on with one, a transaction ends with none."""
    named = event.command.get(event.command_name)
    collection = named if isinstance(named, str) else event.command.get("collection")
    return collection or event.database_name
