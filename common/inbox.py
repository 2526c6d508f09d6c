"""Which events were handled: noted in the very transaction of what came of them.

An event is delivered at least once, so its effect has to know whether it has been
there before.  An effect outside of the database, such as a letter, cannot be noted
with it; it comes about at least once, and is noted after.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, String
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from common.idempotency import prune

# By far longer than the broker goes on delivering what was handled already.
LIFE = timedelta(days=7)


class InboxMixin:
    __tablename__ = "inbox"

    consumer: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


@dataclass(frozen=True)
class Heard:
    """That ``consumer``, a handler of this service, has an event before it."""

    consumer: str
    event_id: str
    at: datetime


class Inbox:
    """What is noted in the table of ``row``, in the transaction of ``session``."""

    def __init__(self, session: Session, row: type[Any]) -> None:
        self.session, self.row = session, row

    def note(self, heard: Heard) -> bool:
        """Whether it is for the first time.

        Who notes the same at the same time waits until this transaction ends.
        """
        noted = insert(self.row).values(vars(heard)).on_conflict_do_nothing()
        return self.session.scalar(noted.returning(self.row.event_id)) is not None

    def knows(self, heard: Heard) -> bool:
        identity = (heard.consumer, heard.event_id)
        return self.session.get(self.row, identity) is not None

    def forget(self, before: datetime) -> None:
        prune(self.session, self.row, self.row.at < before)


def once(store: Any, heard: Heard, effect: Callable[[Any], None]) -> None:
    """Have ``effect``, which is given the repository, and its note, or neither.

    Nothing is done for an event whose effect is there.
    """
    with store.transaction() as repository:
        if repository.inbox.note(heard):
            effect(repository)


def at_least_once(store: Any, heard: Heard, effect: Callable[[], None]) -> None:
    """Have ``effect``, then note it: a crash in between lets it come about again."""
    with store.transaction() as repository:
        known = repository.inbox.knows(heard)
    if not known:
        effect()
        with store.transaction() as repository:
            repository.inbox.note(heard)
