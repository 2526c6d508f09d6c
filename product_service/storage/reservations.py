"""Pieces held for orders, until they are sold or are back on the shelf."""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from common.gathering import Gathering
from product_service.domain.reservation import Reservation, State
from product_service.domain.stock import Movement, Shelf
from product_service.storage.decisions import Decisions
from product_service.storage.inbox import Heard
from product_service.storage.rounds import Request

# As many are let go at a time; what else is due waits for the next.
MOST_EXPIRED = 200
COMMITTED = {"$set": {"state": State.COMMITTED.value}}

Verb = Callable[[Reservation], None]


class ReservationRepository:
    """Verbs answer what they moved; those that have been done move nothing."""

    def __init__(self, database: Database) -> None:
        self.reservations = database.stock_reservations
        self.decisions = Decisions(database)
        self.commits = Gathering(self.commit_held)

    def hold(
        self,
        order_id: str,
        items: Mapping[str, int],
        expires_at: datetime,
        now: datetime,
    ) -> list[Movement]:
        """Hold every line or none."""

        def decide(known: Reservation | None, shelf: Shelf) -> Reservation:
            if known is None:
                return Reservation.hold(order_id, items, expires_at, shelf)
            known.must_stand()
            return known

        return self.decisions.ask(Request(order_id, decide, now, items))

    def commit(self, order_id: str, now: datetime) -> None:
        if not self.commits.get(order_id):
            self.change(order_id, now, Reservation.commit)

    def commit_held(self, order_ids: list[str]) -> dict[str, bool]:
        """Commit those that are held: one field each, which takes no transaction.

        Of others the domain has to say what becomes; so it does of all of these when
        there is one, since to commit again is silent.
        """
        held = [
            UpdateOne({"_id": order_id, "state": State.HELD.value}, COMMITTED)
            for order_id in order_ids
        ]
        done = self.reservations.bulk_write(held, ordered=False).matched_count
        return dict.fromkeys(order_ids, done == len(held))

    def release(self, order_id: str, now: datetime) -> list[Movement]:
        """Put the pieces back; a reservation still to come is refused."""
        return self.change(order_id, now, Reservation.release)

    def sell(
        self, order_id: str, buyer: str, heard: Heard, now: datetime
    ) -> list[Movement]:
        return self.change(order_id, now, Reservation.sell, heard=heard, buyer=buyer)

    def cancel(self, order_id: str, heard: Heard, now: datetime) -> list[Movement]:
        return self.change(order_id, now, Reservation.cancel, heard=heard)

    def refund(
        self,
        order_id: str,
        refund_id: str,
        pieces: Mapping[str, int],
        heard: Heard,
        now: datetime,
    ) -> list[Movement]:
        def verb(held: Reservation) -> None:
            held.refund(refund_id, pieces)

        return self.change(order_id, now, verb, heard=heard)

    def expire(self, now: datetime) -> list[Movement]:
        """Let go of what is held for longer than agreed."""
        due = {"state": State.HELD.value, "expires_at": {"$lte": now}}
        found = self.reservations.find(due, ["_id"]).sort("expires_at")
        ended = [
            self.change(document["_id"], now, lambda held: held.expire(now))
            for document in found.limit(MOST_EXPIRED)
        ]
        return list(chain.from_iterable(ended))

    def change(
        self, order_id: str, now: datetime, verb: Verb, **more: Any
    ) -> list[Movement]:
        def decide(known: Reservation | None, _: Shelf) -> Reservation:
            reservation = known or Reservation.barred(order_id)
            verb(reservation)
            return reservation

        return self.decisions.ask(Request(order_id, decide, now, **more))
