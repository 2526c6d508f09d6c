"""Pieces that are kept for orders which were lost with a region.

MongoDB remembers what a majority had acknowledged; an order that PostgreSQL of the lost
region had not sent yet is unknown here.  Its pieces tell that there was one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.database import Database
from sqlalchemy import Connection, create_engine, text

from common.clock import utc_now
from common.database import with_driver
from ops.errors import Problem
from product_service.storage.inbox import Heard
from product_service.storage.provider import connect
from product_service.storage.reservations import ReservationRepository

GONE = ["released", "expired"]
COUNTED = {"state": 1, "items.quantity": 1, "returned.quantity": 1}
BATCH = 1000
CAUSE = "shopnow dr reconcile"
AMONG = "SELECT id::text FROM orders WHERE id::text = ANY(:ids)"
ARCHIVED = "SELECT coalesce(max(until_id)::text, '') FROM archived_months"


@dataclass(frozen=True)
class Orphan:
    order_id: str
    state: str
    pieces: int


def find(orders_uri: str, catalogue: Database[Any], before: str) -> list[Orphan]:
    """A reservation comes after its order is stored: who has none has lost it.

    Unless it is of a month that was archived: ids grow with time.  Those from the id
    ``before`` on are too young to tell.
    """
    with orders_at(orders_uri) as orders:
        first = orders.scalar(text(ARCHIVED))
        return [
            orphan
            for batch in held(catalogue, first, before)
            for orphan in unknown(orders, batch)
        ]


def held(
    catalogue: Database[Any], first: str, before: str
) -> Iterator[list[dict[str, Any]]]:
    """Those from ``first`` on, some at a time: there are as many as ever were sold."""
    place: dict[str, str] = {"$gte": first}
    while True:
        wanted = {"_id": {**place, "$lt": before}, "state": {"$nin": GONE}}
        found = catalogue.stock_reservations.find(wanted, COUNTED)
        batch = list(found.sort("_id", 1).limit(BATCH))
        if not batch:
            return
        yield batch
        place = {"$gt": batch[-1]["_id"]}


def unknown(orders: Connection, batch: list[dict[str, Any]]) -> Iterator[Orphan]:
    seen = {each["_id"]: each for each in batch}
    known = set(orders.scalars(text(AMONG), {"ids": list(seen)}))
    found = (orphan_of(seen[order_id]) for order_id in sorted(seen.keys() - known))
    yield from (each for each in found if each.pieces)


def orphan_of(document: dict[str, Any]) -> Orphan:
    pieces = sum(line["quantity"] for line in document["items"])
    back = sum(line["quantity"] for line in document.get("returned", ()))
    return Orphan(document["_id"], document["state"], pieces - back)


@contextmanager
def orders_at(uri: str) -> Iterator[Connection]:
    engine = create_engine(with_driver(uri), hide_parameters=True)
    with engine.connect() as connection:
        if connection.scalar(text("SELECT pg_is_in_recovery()")):
            # The catalogue is of both regions: what was just sold would be put back.
            raise Problem("these orders are a replica's; ask where orders are taken")
        yield connection
    engine.dispose()


def id_at(moment: datetime) -> str:
    """What ids begin with that are made then: milliseconds."""
    digits = f"{int(moment.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def put_back(catalogue: Database[Any], orphans: list[Orphan]) -> None:
    """Sold pieces come back as those of a cancelled order do; a line tells why."""
    reservations, now = ReservationRepository(catalogue), utc_now()
    for each in orphans:
        if each.state == "sold":
            reservations.cancel(each.order_id, Heard(CAUSE, each.order_id), now)
        else:
            reservations.release(each.order_id, now)


@contextmanager
def catalogue_at(uri: str) -> Iterator[Database[Any]]:
    with connect(uri) as client:
        yield client.get_default_database()
