"""`shopnow reseal`: seals all that is personal under the first key, shop running."""

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import click
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from common.database import with_driver
from common.resealing import CLEAR, SealedColumn, reseal
from common.sealing import Seal, Unopened
from ops import environment
from ops.errors import Problem
from order_service.storage.sealed import SEALED as ORDERS
from user_service.storage.sealed import SEALED as USERS

PLACES = {"USER_DB_URI": USERS, "ORDER_DB_URI": ORDERS}


@dataclass(frozen=True)
class Share:
    """As many ``rows`` of a column as are under one key."""

    column: str
    key_id: str
    rows: int


def run() -> None:
    """Seal everything anew, and tell how many rows are under which key."""
    seal = told_seal()
    each_column(lambda engine, column: reseal_column(engine, column, seal))
    left = shares()
    for one in left:
        click.echo(f"{one.column}: {one.rows} under {one.key_id or 'no key'}")
    demand_keys(seal, left)
    if others := {one.key_id for one in left} - {seal.first}:
        names = ", ".join(sorted(name or "no key" for name in others))
        raise Problem(f"some rows are still under {names}; run it again")
    click.echo(
        f"everything is under {seal.first}; "
        f"other keys may go once every process has {seal.first} in front"
    )


def seal_clear() -> None:
    """Seal what was kept before there were keys; raise when a key is missing."""
    seal = told_seal()
    demand_keys(seal, shares())
    each_column(lambda engine, column: reseal(engine, column, seal, [CLEAR]))


def told_seal() -> Seal:
    """Of ``FIELD_KEYS``; nothing is to be sealed that the shop here cannot open."""
    keys, here = os.environ["FIELD_KEYS"], environment.here()
    try:
        seal = Seal(keys)
    except ValueError as trouble:
        raise Problem(str(trouble)) from None
    is_its = any(os.environ[name] == here.get(name) for name in PLACES)
    if is_its and keys.split(",")[0] not in here.get("FIELD_KEYS", "").split(","):
        raise Problem(
            f"the shop that runs here does not know {seal.first}; tell it first"
        )
    return seal


def demand_keys(seal: Seal, found: Collection[Share]) -> None:
    """Raise for rows under a key that we do not have."""
    missing = [
        f"{one.column}: {one.rows} rows are under {one.key_id}, "
        "which is not in FIELD_KEYS"
        for one in found
        if one.key_id not in {CLEAR, *seal.keys}
    ]
    if missing:
        raise Problem("; ".join(missing))


def reseal_column(engine: Engine, column: SealedColumn, seal: Seal) -> None:
    stale = {CLEAR, *seal.keys} - {seal.first}
    try:
        reseal(engine, column, seal, stale)
    except Unopened as place:
        raise Problem(
            f"{place} does not open: its key's id is another key's now"
        ) from None


def each_column(work: Callable[[Engine, SealedColumn], None]) -> None:
    for name, columns in PLACES.items():
        engine = create_engine(with_driver(os.environ[name]), hide_parameters=True)
        for column in columns:
            work(engine, column)
        engine.dispose()


def shares() -> list[Share]:
    found: list[Share] = []
    each_column(lambda engine, column: found.extend(shares_of(engine, column)))
    return found


def shares_of(engine: Engine, column: SealedColumn) -> Iterator[Share]:
    with Session(engine) as session:
        counts = column.counts(session)
    for key_id, rows in sorted(counts.items()):
        yield Share(column.name, key_id, rows)
