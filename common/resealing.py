"""Seals again, under the first key, what is sealed under another or not yet."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, func, select, tuple_
from sqlalchemy.orm import Session

from common.sealing import Seal

BATCH = 500
# The key id of what is kept in the clear.
CLEAR = ""


@dataclass(frozen=True)
class SealedColumn:
    """A column of ``table``, a mapped class.

    ``key_id`` is what its row is sealed under, ``CLEAR``, or NULL where there is
    nothing to seal; ``again`` opens what a row holds and seals it anew.
    """

    name: str
    table: type[Any]
    key_id: ColumnElement[Any]
    again: Callable[[Seal, Any], None]

    @property
    def identity(self) -> list[Any]:
        return list(self.table.__table__.primary_key.columns)

    def stale(self, key_ids: Collection[str]) -> Select[Any]:
        """Rows under ``key_ids`` that nobody is working on, a batch of them."""
        some = select(self.table).where(self.key_id.in_(key_ids))
        ordered = some.order_by(*self.identity).limit(BATCH)
        return ordered.with_for_update(skip_locked=True)

    def counts(self, session: Session) -> dict[str, int]:
        """How many rows there are under which key id."""
        some = select(self.key_id, func.count()).where(self.key_id.is_not(None))
        found = session.execute(some.group_by(self.key_id)).all()
        return {key_id: count for key_id, count in found}


def reseal(
    engine: Engine, column: SealedColumn, seal: Seal, key_ids: Collection[str]
) -> None:
    """Seal all that is under ``key_ids`` anew, while others go on working.

    Raises ``Unopened`` for what is not sealed by a key of that id.
    """
    rows = column.stale(key_ids)
    last: tuple[Any, ...] | None = ()
    while last is not None:
        after = rows.where(tuple_(*column.identity) > last) if last else rows
        with Session(engine) as session, session.begin():
            last = reseal_batch(session, column, seal, after)


def reseal_batch(
    session: Session, column: SealedColumn, seal: Seal, rows: Select[Any]
) -> tuple[Any, ...] | None:
    """The identity of the last row; None when there was none."""
    row = None
    for row in session.scalars(rows):
        column.again(seal, row)
    return row and tuple(getattr(row, each.key) for each in column.identity)
