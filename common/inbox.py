"""Which events were handled: noted in the very transaction of what came of them.

An event is delivered at least once, so its effect has to know whether it has been
there before.  An effect outside of the database, such as a letter, cannot be noted
with it; it comes about at least once, and is noted after.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import DateTime, Select, String, bindparam, select
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

    def __init__(self, session: Session, row: Any) -> None:
        self.session, self.row = session, row

    def note(self, heard: Heard) -> bool:
        """Whether it is for the first time.

        Who notes the same at the same time waits until this transaction ends.
        """
        return self.session.scalar(noting(self.row), vars(heard)) is not None

    def knows(self, heard: Heard) -> bool:
        return self.session.scalar(note_in(self.row), named(heard)) is not None

    def forget(self, before: datetime) -> None:
        prune(self.session, self.row, self.row.at < before)


@cache
def noting(row: Any) -> Any:
    """Past the mapping, with which a statement costs three times as much."""
    table = row.__table__
    return insert(table).on_conflict_do_nothing().returning(table.c.event_id)


@cache
def note_in(row: Any) -> Select[Any]:
    """The note of what ``named`` says."""
    known = row.__table__.c
    return select(known.event_id).where(
        known.consumer == bindparam("heard_by"), known.event_id == bindparam("heard_of")
    )


def named(heard: Heard) -> dict[str, str]:
    return {"heard_by": heard.consumer, "heard_of": heard.event_id}


def once(store: Any, heard: Heard, effect: Callable[[Any], None]) -> None:
    """Have ``effect``, which is given the repository, and its note, or neither.

    Nothing is done for an event whose effect is there.
    """
    with store.transaction() as repository:
        if repository.inbox.note(heard):
            effect(repository)


def at_least_once(store: Any, heard: Heard, effect: Callable[[], None]) -> None:
    """Have ``effect``, then note it: a crash in between lets it come about again."""
    with store.statements() as repository:
        known = repository.inbox.knows(heard)
    if not known:
        effect()
        with store.statements() as repository:
            repository.inbox.note(heard)
