"""What becomes of reservations: decided together, stored together, or not at all.

All that is asked for at once is decided in one transaction, first come, first
served; whoever is refused is in nobody's way.
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from pymongo import ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from common.errors import Refusal
from common.ids import new_id
from product_service.domain.reservation import Reservation
from product_service.domain.stock import Movement, Shelf
from product_service.storage.movements import move
from product_service.storage.reservation_documents import to_document, to_reservation
from product_service.storage.transactions import transact

Decision = Callable[[Reservation | None, Shelf], Reservation]
Outcome = list[Movement] | Refusal


@dataclass(frozen=True, eq=False)
class Request:
    """What is to become of an order's reservation; ``wanted`` are products."""

    order_id: str
    decide: Decision
    now: datetime
    wanted: Iterable[str] = ()


class Decisions:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.products = database.products
        self.reservations = database.stock_reservations

    def ask(self, request: Request) -> list[Movement]:
        outcome = self.decide([request])[request]
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    def decide(self, requests: list[Request]) -> dict[Request, Outcome]:
        return transact(self.database, lambda s: self.decide_once(requests, s))

    def decide_once(
        self, requests: list[Request], session: ClientSession
    ) -> dict[Request, Outcome]:
        known = self.known({request.order_id for request in requests}, session)
        shelf = self.shelf({p for each in requests for p in each.wanted}, session)
        decided = dict(known)
        outcomes = {request: outcome(request, decided, shelf) for request in requests}
        moved = [each for each in outcomes.values() if not isinstance(each, Refusal)]
        move(self.database, list(chain.from_iterable(moved)), session)
        changed = [each for i, each in decided.items() if each != known.get(i)]
        self.keep(changed, session)
        return outcomes

    def known(
        self, order_ids: set[str], session: ClientSession
    ) -> dict[str, Reservation]:
        found = self.reservations.find({"_id": {"$in": [*order_ids]}}, session=session)
        return {document["_id"]: to_reservation(document) for document in found}

    def shelf(self, product_ids: set[str], session: ClientSession) -> Shelf:
        if not product_ids:
            return Shelf({})
        found = self.products.find(
            {"_id": {"$in": [*product_ids]}, "for_sale": True},
            ["available"],
            session=session,
        )
        return Shelf({document["_id"]: document["available"] for document in found})

    def keep(self, changed: list[Reservation], session: ClientSession) -> None:
        if changed:
            documents = [to_document(reservation) for reservation in changed]
            self.reservations.bulk_write(
                [ReplaceOne({"_id": d["_id"]}, d, upsert=True) for d in documents],
                session=session,
            )


def outcome(
    request: Request, reservations: dict[str, Reservation], shelf: Shelf
) -> Outcome:
    """Decide on a copy: of what is refused half-way, nothing is left."""
    known = deepcopy(reservations.get(request.order_id))
    try:
        decided = request.decide(known, shelf)
    except Refusal as refusal:
        return refusal
    changes, decided.changes = decided.changes, []
    shelf.follow(changes)
    reservations[request.order_id] = decided
    return [Movement(**vars(each), id=new_id(), at=request.now) for each in changes]
