"""Events are rows first and messages second.

A repository writes an event beside the aggregate that caused it, in one
transaction; the relay publishes what is waiting, oldest first, and waits for
the broker's confirm.  A crash in between publishes twice, never zero times.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from eventlet import Timeout
from eventlet.semaphore import Semaphore
from sqlalchemy import (
    BigInteger,
    DateTime,
    Identity,
    Index,
    Text,
    cast,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, OID, REGCLASS
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column, sessionmaker

from common.events import envelope

log = logging.getLogger(__name__)

# A batch that did not get through in time is published again from its start, so
# it is small enough to get through under a broker with a lot to do.
BATCH = 20
BATCH_SECONDS = 10.0
POLL_SECONDS = 1.0
# One relay at a time per outbox keeps the order of events.
RELAY_LOCK = 0x5EED


class OutboxMixin:
    __tablename__ = "outbox"

    position: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    aggregate_id: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Index, ...]:  # noqa: N805
        waiting = text("published_at IS NULL")
        return (Index("ix_outbox_waiting", "position", postgresql_where=waiting),)


def outbox_row(
    outbox: type[Any],
    event: Any,
    aggregate_id: str,
    now: datetime,
    correlation_id: str | None,
) -> Any:
    """The row of ``event``, a dataclass whose class names its ``type``."""
    body = envelope(event.type, asdict(event), now, correlation_id)
    return outbox(
        event_id=body["id"], type=event.type, aggregate_id=aggregate_id, body=body
    )


def publish_waiting(
    session: Session, outbox: type[Any], publish: Callable[[str, dict], None]
) -> int:
    """Publish one batch and mark it, in the transaction of ``session``.

    Returns how many were published; 0 also when another relay is at work.
    """
    if not session.scalar(select(relay_lock(outbox))):
        return 0
    waiting = session.scalars(
        select(outbox)
        .where(outbox.published_at.is_(None))
        .order_by(outbox.position)
        .limit(BATCH)
    ).all()
    for row in waiting:
        publish(row.type, row.body)
        row.published_at = func.now()
    return len(waiting)


def relay_lock(outbox: type[Any]) -> Any:
    """Takes the lock of this table until the transaction ends, if it is free."""
    table = cast(cast(literal(outbox.__tablename__), REGCLASS), OID)
    return func.pg_try_advisory_xact_lock(RELAY_LOCK, func.hashtext(cast(table, Text)))


class Relay:
    """Publishes the outbox of one database: when woken, else once a second."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        outbox: type[Any],
        publish: Callable[[str, dict], None],
    ) -> None:
        self.sessions, self.outbox, self.publish = sessions, outbox, publish
        self.bell = Semaphore(0)
        self.stopping = False

    def wake(self) -> None:
        if not self.bell.balance:
            self.bell.release()

    def stop(self) -> None:
        self.stopping = True
        self.wake()

    def run(self) -> None:
        while not self.stopping:
            self.bell.acquire(timeout=POLL_SECONDS)
            self.drain()

    def drain(self) -> None:
        try:
            while self.publish_batch():
                pass
        except (Exception, Timeout) as trouble:
            log.warning("the outbox waits: %s", type(trouble).__name__)

    def publish_batch(self) -> int:
        with Timeout(BATCH_SECONDS), self.sessions() as session, session.begin():
            return publish_waiting(session, self.outbox, self.publish)
