"""Rows of several tables, put in on one way to the database."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

Row = Mapping[str, Any]


def put(session: Session, rows: Mapping[type[Any], Sequence[Row]]) -> None:
    """All rows of a table have the same columns; what they refer to may be among them.

    They are given as JSON, which PostgreSQL reads by the columns of the table.
    """
    given = {table.__tablename__: listed for table, listed in rows.items() if listed}
    if given:
        shape = tuple((name, tuple(listed[0])) for name, listed in given.items())
        json = {name: orjson.dumps(listed).decode() for name, listed in given.items()}
        session.execute(statement(shape), json)


@lru_cache
def statement(shape: tuple[tuple[str, tuple[str, ...]], ...]) -> TextClause:
    *others, last = (insert(name, columns) for name, columns in shape)
    before = ", ".join(f"put_{place} AS ({each})" for place, each in enumerate(others))
    return text(f"WITH {before} {last}" if others else last)


def insert(name: str, columns: Sequence[str]) -> str:
    """The names are those of our own tables."""
    listed = ", ".join(f'"{column}"' for column in columns)
    return (
        f"INSERT INTO {name} ({listed}) SELECT {listed} "  # noqa: S608 # nosec B608
        f"FROM json_populate_recordset(NULL::{name}, CAST(:{name} AS json))"
    )
