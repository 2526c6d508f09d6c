"""For how long an Idempotency-Key is kept, and how PostgreSQL forgets it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select, tuple_
from sqlalchemy.orm import Session

LIFE = timedelta(hours=24)
PRUNE_SECONDS = 5
# A thousand a second and process: more than are made, and no long transaction.
MOST_PRUNED = 5_000


def prune(session: Session, keys: type[Any], *which: ColumnElement[bool]) -> None:
    """Delete the rows of ``keys`` for which all of ``which`` holds.

    Up to ``MOST_PRUNED`` at a time; what somebody works on waits for the next.
    """
    identity = keys.__table__.primary_key.columns
    some = select(*identity).where(*which).limit(MOST_PRUNED)
    free = some.with_for_update(skip_locked=True)
    session.execute(
        delete(keys).where(tuple_(*identity).in_(free)),
        execution_options={"synchronize_session": False},
    )
