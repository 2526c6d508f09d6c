"""What is asked of reservations at one time, and what is decided of it."""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime

from common.errors import Refusal
from common.ids import new_id
from product_service.domain.reservation import Reservation
from product_service.domain.stock import Movement, Shelf
from product_service.storage.inbox import Heard

Decision = Callable[[Reservation | None, Shelf], Reservation]
Outcome = list[Movement] | Exception


@dataclass(frozen=True, eq=False)
class Request:
    """What is to become of an order's reservation.

    ``wanted`` are the products that it is about, ``heard`` the event that asks for
    it, and ``buyer`` whoever has bought when it is done.
    """

    order_id: str
    decide: Decision
    now: datetime
    wanted: Iterable[str] = ()
    heard: Heard | None = None
    buyer: str | None = None


class Round:
    """Decides in memory, first come, first served; a refusal changes nothing.

    Of its buyers, those who are ``gone`` have erased themselves.
    """

    def __init__(
        self,
        known: Mapping[str, Reservation],
        shelf: Shelf,
        heard: set[Heard],
        gone: set[str],
    ) -> None:
        self.known, self.shelf, self.heard, self.gone = known, shelf, heard, gone
        self.decided: dict[str, Reservation] = {}
        self.movements: list[Movement] = []
        self.handled: dict[Heard, datetime] = {}
        self.buyers: dict[str, str] = {}

    def decide(self, request: Request) -> Outcome:
        if request.heard in self.heard:
            return []
        # On a copy: of what is refused half-way, nothing is left.
        known = deepcopy(self.reservation(request.order_id))
        try:
            decided = request.decide(known, self.shelf)
        except Refusal as refusal:
            return refusal
        self.remember(request, decided)
        return self.moved(decided, request.now)

    def reservation(self, order_id: str) -> Reservation | None:
        return self.decided.get(order_id) or self.known.get(order_id)

    def remember(self, request: Request, decided: Reservation) -> None:
        self.decided[request.order_id] = decided
        if request.heard:
            self.heard.add(request.heard)
            self.handled[request.heard] = request.now
        if request.buyer:
            self.buyers[request.order_id] = request.buyer

    def moved(self, decided: Reservation, now: datetime) -> list[Movement]:
        changes, decided.changes = decided.changes, []
        self.shelf.follow(changes)
        moved = [Movement(**vars(each), id=new_id(), at=now) for each in changes]
        self.movements += moved
        return moved

    @property
    def changed(self) -> list[Reservation]:
        return [each for i, each in self.decided.items() if each != self.known.get(i)]

    @property
    def bought(self) -> dict[str, Reservation]:
        """By their order's id, those that somebody has bought."""
        return {i: self.decided[i] for i in self.buyers if self.decided[i].bought}
