"""What may happen to pieces on a shelf."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    HELD = "held"
    COMMITTED = "committed"
    SOLD = "sold"
    RELEASED = "released"


@dataclass
class Reservation:
    """Pieces held for one order: all of its lines, or none."""

    order_id: str
    items: dict[str, int]
    state: State = State.HELD


@dataclass(frozen=True)
class Movement:
    """One line of the append-only stock ledger; ``cause`` says of what."""

    id: str
    product_id: str
    kind: str
    delta: int
    cause: str
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
