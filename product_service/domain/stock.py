"""What may happen to pieces on a shelf."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from product_service.domain import errors


class Kind(StrEnum):
    ADJUSTMENT = "adjustment"
    RESERVATION = "reservation"
    RELEASE = "release"
    SALE = "sale"
    RETURN = "return"


@dataclass(frozen=True)
class Change:
    """How many more are on hand and reserved of a product; ``cause`` says of what."""

    product_id: str
    kind: Kind
    delta: int
    reserved_delta: int
    cause: str

    @property
    def available_delta(self) -> int:
        return self.delta - self.reserved_delta


@dataclass(frozen=True)
class Movement(Change):
    """A change as the append-only stock ledger has it."""

    id: str
    at: datetime


@dataclass(frozen=True)
class Adjustment:
    """A seller's correction of what is on hand, made once per ``key``."""

    movement: Movement
    seller_id: str
    key: str
    fingerprint: str


@dataclass(frozen=True)
class Level:
    """What is on a shelf; ``on_hand`` counts the reserved pieces too."""

    on_hand: int
    reserved: int
    available: int
    movement_id: str | None = field(default=None)


class Shelf:
    """What is there to be taken: how many pieces of each product that is for sale."""

    def __init__(self, available: Mapping[str, int]) -> None:
        self.available = dict(available)

    def must_have(self, wanted: Mapping[str, int]) -> None:
        """Refuse unless all of it is there, naming each product that is not."""
        if missing := sorted(set(wanted) - set(self.available)):
            raise errors.not_for_sale(missing)
        left = {product_id: self.available[product_id] for product_id in wanted}
        if short := {p: n for p, n in left.items() if n < wanted[p]}:
            raise errors.out_of_stock(short)

    def follow(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if change.product_id in self.available:
                self.available[change.product_id] += change.available_delta


def merged(items: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """So many pieces of each product, however many lines they come in."""
    pieces: Counter[str] = Counter()
    for item in items:
        pieces[item["product_id"]] += item["quantity"]
    return dict(pieces)
