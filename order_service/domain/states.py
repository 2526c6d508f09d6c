"""What may become of an order and of its parts: one table, which all verbs ask.

A verb leads to one status, from those that stand before it.  From any other
it is refused; where it has led already, it changes nothing.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from order_service.domain import errors


class Status(StrEnum):
    """Of an order."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class PartStatus(StrEnum):
    """Of what one seller sends."""

    PENDING = "pending"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


Moves = Mapping[str, tuple[frozenset[StrEnum], StrEnum]]


def of(*statuses: StrEnum) -> frozenset[StrEnum]:
    return frozenset(statuses)


S, P = Status, PartStatus

# fmt: off
ORDER: Moves = {
    "confirm": (of(S.PENDING),                            S.CONFIRMED),
    "reject":  (of(S.PENDING),                            S.REJECTED),
    "ship":    (of(S.CONFIRMED),                          S.SHIPPED),
    "deliver": (of(S.SHIPPED),                            S.DELIVERED),
    "cancel":  (of(S.CONFIRMED),                          S.CANCELLED),
    "refund":  (of(S.CONFIRMED, S.SHIPPED, S.DELIVERED),  S.REFUNDED),
}
PART: Moves = {
    "ship":    (of(P.PENDING),                            P.SHIPPED),
    "deliver": (of(P.SHIPPED),                            P.DELIVERED),
    "cancel":  (of(P.PENDING),                            P.CANCELLED),
}
# fmt: on


Kind = TypeVar("Kind", bound=StrEnum)


def moved(moves: Moves, verb: str, status: Kind) -> Kind:
    """Where ``verb`` leads from ``status``; raises ``illegal_transition``."""
    before, then = moves[verb]
    if status is not then and status not in before:
        raise errors.illegal_transition(status, then)
    return type(status)(then)
