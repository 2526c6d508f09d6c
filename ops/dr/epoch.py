"""The fencing epoch: a number that only grows, and the region it was given to.

It is kept where a majority of three places decides (MongoDB), so that two regions
cannot both be given the same one, and written down in the PostgreSQL that it opened.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pymongo import MongoClient, ReturnDocument
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from ops.errors import Problem

DATABASE = "shopnow_dr"
SHOP = "shop"


@dataclass(frozen=True)
class Epoch:
    """Once it was ``opened``, something may have been written in it."""

    number: int
    region: str
    opened: bool = field(default=False, compare=False)


NONE = Epoch(0, "")


def current(client: MongoClient[Any]) -> Epoch:
    """The one that a majority knows of; ``NONE`` before the first."""
    return epoch_in(records(client).find_one({"_id": SHOP}))


def claim(client: MongoClient[Any], known: Epoch, region: str) -> Epoch:
    """The next one, for ``region``; raise when somebody else has just taken it."""
    taken = {"region": region, "at": datetime.now(UTC), "opened": False}
    try:
        found = records(client).find_one_and_update(
            {"_id": SHOP, "number": known.number},
            {"$set": taken, "$inc": {"number": 1}},
            # The first has nothing to be held against.
            upsert=known == NONE,
            return_document=ReturnDocument.AFTER,
        )
    except DuplicateKeyError:
        found = None
    if found is None:
        raise Problem(f"somebody else has taken the epoch after {known.number}")
    return epoch_in(found)


def note_opened(client: MongoClient[Any], mine: Epoch) -> None:
    """Who is promoted from now on has to have seen it; unless it is over already."""
    records(client).update_one(
        {"_id": SHOP, "number": mine.number}, {"$set": {"opened": True}}
    )


def records(client: MongoClient[Any]) -> Any:
    return client[DATABASE].get_collection(
        "epochs", read_concern=ReadConcern("linearizable")
    )


def epoch_in(found: dict[str, Any] | None) -> Epoch:
    if not found:
        return NONE
    # Those of before this was noted may well have been.
    return Epoch(found["number"], found["region"], found.get("opened", True))
