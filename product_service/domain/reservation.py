"""Pieces held for an order, until they are sold or are back on the shelf.

Verbs may be repeated, and those that follow an order's events may come in any
order: a cancellation or a refund says that the sale was before it, so it makes
up for a sale that is still to be heard of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from product_service.domain import errors
from product_service.domain.stock import Change, Kind, Shelf


class State(StrEnum):
    HELD = "held"
    COMMITTED = "committed"
    SOLD = "sold"
    RELEASED = "released"
    EXPIRED = "expired"


LIVE = {State.HELD, State.COMMITTED}
GONE = {State.RELEASED, State.EXPIRED}


@dataclass
class Reservation:
    """All lines of an order or none; ``changes`` are those still to be stored."""

    order_id: str
    items: dict[str, int]
    expires_at: datetime | None = None
    state: State = State.HELD
    returned: dict[str, int] = field(default_factory=dict)
    refunds: list[str] = field(default_factory=list)
    cancelled: bool = False
    changes: list[Change] = field(default_factory=list, compare=False)

    @classmethod
    def hold(
        cls, order_id: str, items: Mapping[str, int], expires_at: datetime, shelf: Shelf
    ) -> "Reservation":
        shelf.must_have(items)
        held = cls(order_id, dict(items), expires_at)
        held.move_all(Kind.RESERVATION, 0, 1)
        return held

    @classmethod
    def barred(cls, order_id: str) -> "Reservation":
        """Of an order that is over before anything was held for it."""
        return cls(order_id, {}, state=State.RELEASED)

    @property
    def bought(self) -> bool:
        return self.state is State.SOLD and not self.cancelled

    def must_stand(self) -> None:
        if self.state in GONE:
            raise errors.reservation_released(self.order_id)

    def commit(self) -> None:
        """Keep the pieces for as long as it takes."""
        self.must_stand()
        if self.state is State.HELD:
            self.state = State.COMMITTED

    def release(self) -> None:
        """Put the pieces back; what is sold stays so."""
        if self.state in LIVE:
            self.end(State.RELEASED)

    def expire(self, now: datetime) -> None:
        if self.state is State.HELD and self.expires_at and self.expires_at <= now:
            self.end(State.EXPIRED)

    def sell(self) -> None:
        """Take the pieces off the shelf."""
        if self.cancelled:
            return
        self.must_stand()
        if self.state in LIVE:
            self.state = State.SOLD
            self.move_all(Kind.SALE, -1, -1)

    def cancel(self) -> None:
        """Put back all pieces that are not back yet."""
        if self.cancelled:
            return
        if self.state not in GONE:
            self.sell()
            self.take_back(self.items, self.order_id)
        self.cancelled = True

    def refund(self, refund_id: str, pieces: Mapping[str, int]) -> None:
        """Put back what came with a refund, never more than was sold."""
        if refund_id in self.refunds:
            return
        self.sell()
        if self.state is State.SOLD:
            self.take_back(pieces, refund_id)
        self.refunds.append(refund_id)

    def end(self, state: State) -> None:
        self.state = state
        self.move_all(Kind.RELEASE, 0, -1)

    def take_back(self, pieces: Mapping[str, int], cause: str) -> None:
        for product_id, wanted in pieces.items():
            before = self.returned.get(product_id, 0)
            back = min(wanted, self.items.get(product_id, 0) - before)
            if back:
                self.returned[product_id] = before + back
                change = Change(product_id, Kind.RETURN, back, 0, cause)
                self.changes.append(change)

    def move_all(self, kind: Kind, on_hand: int, reserved: int) -> None:
        self.changes += [
            Change(product_id, kind, on_hand * n, reserved * n, self.order_id)
            for product_id, n in self.items.items()
        ]
