"""Which events were handled, noted in the very transaction of what came of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

# By far longer than the broker goes on delivering what was handled already.
LIFE = timedelta(days=7)


@dataclass(frozen=True)
class Heard:
    """That ``consumer``, a handler of this service, has an event before it."""

    consumer: str
    event_id: str

    @property
    def id(self) -> dict[str, Any]:
        return vars(self)


class Inbox:
    def __init__(self, database: Database) -> None:
        self.inbox = database.inbox

    def note(self, handled: Mapping[Heard, datetime], session: ClientSession) -> None:
        documents = [{"_id": heard.id, "at": now} for heard, now in handled.items()]
        if documents:
            self.inbox.insert_many(documents, session=session)
