"""Events are rows first and messages second.

A repository writes an event beside the aggregate that caused it, in one
transaction; the relay publishes what is waiting, oldest first, and waits for
the broker's confirm.  A crash in between publishes twice, never zero times.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Identity,
    Index,
    String,
    Text,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, OID, REGCLASS
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column

from common import tracing
from common.events import enveloped
from common.metrics.readings import MOST_COUNTED
from common.tracing.messages import published

# A batch that did not get through in time is published again from its start, so
# it is small enough to get through under a broker with a lot to do.
BATCH = 20
# One relay at a time per outbox keeps the order of events.
RELAY_LOCK = 0x5EED


class Busy(Exception):
    """Another relay publishes this outbox at the moment."""


class OutboxMixin:
    __tablename__ = "outbox"

    position: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    aggregate_id: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # The span that stored it, for whoever publishes it to go on with.
    traceparent: Mapped[str | None] = mapped_column(String(55))

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Index, ...]:  # noqa: N805
        waiting = text("published_at IS NULL")
        return (Index("ix_outbox_waiting", "position", postgresql_where=waiting),)


def tell(
    session: Session,
    outbox: type[Any],
    event: Any,
    aggregate_id: str,
    now: datetime,
    *,
    request_id: str | None,
) -> None:
    """Keep ``event``, a dataclass whose class names its ``type``, to be published."""
    body = enveloped(event, now, request_id)
    row = {
        "event_id": body["id"],
        "type": event.type,
        "aggregate_id": aggregate_id,
        "body": body,
        "traceparent": tracing.here(),
    }
    # Past the mapping, with which a statement costs three times as much.
    session.execute(insert(outbox.__table__), row)


def publish_waiting(
    session: Session, outbox: type[Any], publish: Callable[[str, dict], None]
) -> int:
    """Publish one batch and mark it, in the transaction of ``session``.

    Returns how many were published; raises ``Busy`` when another relay is at work.
    """
    if not session.scalar(select(relay_lock(outbox))):
        raise Busy
    known = outbox.__table__.c
    oldest = select(known.position, known.type, known.body, known.traceparent)
    oldest = oldest.where(known.published_at.is_(None)).order_by(known.position)
    waiting = session.execute(oldest.limit(BATCH)).all()
    for row in waiting:
        published(publish, row.type, row.body, row.traceparent)
    if waiting:
        told = known.position.in_([row.position for row in waiting])
        marked = update(outbox.__table__).where(told)
        session.execute(marked.values(published_at=func.now()))
    return len(waiting)


def waiting_in(session: Session, outbox: type[Any]) -> tuple[int, float]:
    """How many events wait to be published, and the oldest for how many seconds."""
    some = select(outbox.position).where(outbox.published_at.is_(None))
    some = some.order_by(outbox.position).limit(MOST_COUNTED)
    waiting = some.subquery()
    count, first = session.execute(
        select(func.count(), func.min(waiting.c.position))
    ).one()
    if first is None:
        return 0, 0.0
    since = cast(outbox.body["occurred_at"].astext, DateTime(timezone=True))
    age = func.extract("epoch", func.now() - since)
    oldest = session.scalar(select(age).where(outbox.position == first))
    return count, float(oldest or 0.0)


def relay_lock(outbox: type[Any]) -> Any:
    """Takes the lock of this table until the transaction ends, if it is free."""
    table = cast(cast(literal(outbox.__tablename__), REGCLASS), OID)
    return func.pg_try_advisory_xact_lock(RELAY_LOCK, func.hashtext(cast(table, Text)))
