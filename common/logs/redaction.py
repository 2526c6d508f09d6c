"""What of a call may be read by others: what is known to be harmless, and no more.

An argument is shown if its name is on the list and its value has the shape that
belongs to it: an identity, a number, a yes or no.  All else is ``***``, and names
that are not on the list are not told either where a client has made them up.
"""

import logging
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePath
from typing import Any
from uuid import UUID

from common.ids import is_id

HIDDEN = "***"
# What clients may call a thing in a document; a method's own names need no list.
IDS = frozenset(
    f"{noun}_id" for noun in ("order", "product", "seller", "shipping_address", "user")
)
NUMBERS = frozenset(
    {"days", "delta", "limit", "offset", "quantity", "rating", "seconds", "version"}
)
FLAGS = frozenset({"active", "facets", "in_stock"})
KNOWN = IDS | NUMBERS | FLAGS
# A list of more is told by its length.
MOST_IDS = 20
SPEAKING = (date, datetime, Decimal, PurePath, UUID)
# What drivers say while all is well is what they are given: statements with their
# values, bodies of requests.
DRIVERS = ("sqlalchemy", "pymongo", "stripe", "urllib3", "redis", "amqp")


class Secret:
    """A value that no line of a log shows, wherever in a line it is."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def reveal(self) -> Any:
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return HIDDEN


def shown(
    arguments: Mapping[str, Any], sensitive: Collection[str] = ()
) -> dict[str, Any]:
    """``arguments`` of a method, whose own names they bear.

    ``sensitive`` names some that are hidden all the same, of a dict within as
    ``draft.quantity``.
    """
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        if name in sensitive:
            found[name] = HIDDEN
        elif isinstance(value, dict):
            inner = sensitive and {each.removeprefix(f"{name}.") for each in sensitive}
            found[name] = within(value, inner) or HIDDEN
        else:
            found[name] = one(name, value)
    return found


def within(document: Mapping[str, Any], sensitive: Collection[str]) -> dict[str, Any]:
    """What of ``document``, whose names are a client's own, is known and harmless."""
    return {
        name: value
        for name, value in document.items()
        if name in KNOWN and name not in sensitive and is_harmless(name, value)
    }


def one(name: str, value: Any) -> Any:
    if value is None or is_harmless(name, value):
        return value
    if isinstance(value, list | tuple) and name.endswith("_ids"):
        return ids(value)
    return HIDDEN


def is_harmless(name: str, value: Any) -> bool:
    if name.endswith("_id"):
        return is_id(value)
    if name in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return name in FLAGS and isinstance(value, bool)


def ids(values: Iterable[Any]) -> Any:
    found = [value if is_id(value) else HIDDEN for value in values]
    return found if len(found) <= MOST_IDS else f"{len(found)} ids"


def written(value: Any) -> str:
    """What JSON has no word for: by its kind, since its text may be anything."""
    speaks = isinstance(value, (*SPEAKING, Secret))
    return str(value) if speaks else f"<{type(value).__qualname__}>"


def words_of(record: logging.LogRecord) -> str:
    """Its message; without its values where they are what a driver was given."""
    quiet = record.levelno < logging.WARNING
    if quiet and record.name.partition(".")[0] in DRIVERS:
        return str(record.msg)
    return record.getMessage()
