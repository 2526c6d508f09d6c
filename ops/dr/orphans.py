"""Pieces that are kept for orders which were lost with a region.

MongoDB remembers what a majority had acknowledged; an order that PostgreSQL of the lost
region had not sent yet is unknown here.  Its pieces tell that there was one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pymongo.database import Database
from sqlalchemy import create_engine, text

from common.clock import utc_now
from common.database import with_driver
from ops.errors import Problem
from product_service.storage.inbox import Heard
from product_service.storage.provider import connect
from product_service.storage.reservations import ReservationRepository

GONE = ["released", "expired"]
CAUSE = "shopnow dr reconcile"
AMONG = "SELECT id::text FROM orders WHERE id::text = ANY(:ids)"
ARCHIVED = "SELECT coalesce(max(until_id)::text, '') FROM archived_months"


@dataclass(frozen=True)
class Orders:
    """Those that are ``known``; what was before ``archived`` may have been."""

    known: set[str]
    archived: str


@dataclass(frozen=True)
class Orphan:
    order_id: str
    state: str
    pieces: int


def find(orders_uri: str, catalogue: Database[Any]) -> list[Orphan]:
    """A reservation comes after its order is stored: who has none has lost it.

    Unless it is of a month that was archived: ids grow with time.
    """
    held = catalogue.stock_reservations.find({"state": {"$nin": GONE}})
    seen = {each["_id"]: each for each in held if each["items"]}
    here = orders_among(orders_uri, list(seen))
    unknown = {each for each in seen.keys() - here.known if each >= here.archived}
    found = [orphan_of(seen[order_id]) for order_id in sorted(unknown)]
    return [each for each in found if each.pieces]


def orphan_of(document: dict[str, Any]) -> Orphan:
    pieces = sum(line["quantity"] for line in document["items"])
    back = sum(line["quantity"] for line in document.get("returned", ()))
    return Orphan(document["_id"], document["state"], pieces - back)


def orders_among(uri: str, ids: list[str]) -> Orders:
    engine = create_engine(with_driver(uri), hide_parameters=True)
    with engine.connect() as connection:
        if connection.scalar(text("SELECT pg_is_in_recovery()")):
            # The catalogue is of both regions: what was just sold would be put back.
            raise Problem("these orders are a replica's; ask where orders are taken")
        known = set(connection.scalars(text(AMONG), {"ids": ids}))
        archived = connection.scalar(text(ARCHIVED))
    engine.dispose()
    return Orders(known, archived)


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
