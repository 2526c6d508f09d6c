"""`shopnow reseal`: seals all that is personal under the first key, shop running."""

import os
from collections.abc import Callable, Collection

import click
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from common.database import with_driver
from common.resealing import CLEAR, SealedColumn, reseal
from common.sealing import Seal
from ops.errors import Problem
from order_service.storage.sealed import SEALED as ORDERS
from user_service.storage.sealed import SEALED as USERS

PLACES = {"USER_DB_URI": USERS, "ORDER_DB_URI": ORDERS}


def run() -> None:
    """Seal everything anew, and tell how many rows are under which key."""
    seal = Seal(os.environ["FIELD_KEYS"])
    each_column(lambda engine, column: reseal(engine, column, seal, stale(seal)))
    left: set[str] = set()
    each_column(lambda engine, column: left.update(told(engine, column)))
    if others := left - {seal.first}:
        names = ", ".join(sorted(name or "no key" for name in others))
        raise Problem(f"some rows are still under {names}; run it again")
    click.echo(f"everything is under {seal.first}; no other key is needed any more")


def seal_clear() -> None:
    """Seal what was kept before there were keys."""
    seal = Seal(os.environ["FIELD_KEYS"])
    each_column(lambda engine, column: reseal(engine, column, seal, [CLEAR]))


def stale(seal: Seal) -> Collection[str]:
    return (seal.keys.keys() - {seal.first}) | {CLEAR}


def each_column(work: Callable[[Engine, SealedColumn], None]) -> None:
    for name, columns in PLACES.items():
        engine = create_engine(with_driver(os.environ[name]), hide_parameters=True)
        for column in columns:
            work(engine, column)
        engine.dispose()


def told(engine: Engine, column: SealedColumn) -> Collection[str]:
    with Session(engine) as session:
        counts = column.counts(session)
    for key_id, count in sorted(counts.items()):
        click.echo(f"{column.name}: {count} under {key_id or 'no key'}")
    return counts.keys()
