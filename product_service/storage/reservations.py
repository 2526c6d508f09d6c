"""Pieces held for orders, until they are sold or released.

Every change is one MongoDB transaction of conditional updates: all lines of
an order or none, and never below zero.  Products are taken in the order of
their ids, so that two orders of the same things queue and do not deadlock.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from common.errors import service_unavailable
from common.ids import new_id
from product_service.domain import errors
from product_service.domain.stock import Movement, Reservation, State
from product_service.storage.movements import note
from product_service.storage.transactions import transact

# A shelf can be filled between our finding it too empty and looking what is short.
TRIES = 3


class ReservationRepository:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.products = database.products
        self.reservations = database.stock_reservations

    def hold(self, reservation: Reservation) -> None:
        """Hold every line or none; holding twice is silent."""
        for _ in range(TRIES):
            if transact(self.database, lambda s: self.hold_once(reservation, s)):
                return
            self.refuse_what_is_short(reservation.items)
        raise service_unavailable()

    def commit(self, order_id: str) -> None:
        """Keep the held pieces for their order for good; twice is silent."""
        wanted = {"_id": order_id, "state": State.HELD.value}
        kept = {"$set": {"state": State.COMMITTED.value}}
        if self.reservations.find_one_and_update(wanted, kept) is None:
            gone = {"_id": order_id, "state": {"$ne": State.RELEASED.value}}
            if self.reservations.find_one(gone) is None:
                raise errors.reservation_released(order_id)

    def sell(self, order_id: str, now: datetime) -> None:
        """Take the held pieces off the shelf; selling twice is silent."""
        transact(self.database, lambda s: self.sell_once(order_id, now, s))

    def release(self, order_id: str) -> list[str]:
        """Put the held pieces back; a reservation still to come is refused.

        Returns the products that have some back.
        """
        return transact(self.database, lambda s: self.release_once(order_id, s))

    def hold_once(self, reservation: Reservation, session: ClientSession) -> bool:
        """Whether the pieces are held; nothing has changed when they are not."""
        known = self.reservations.find_one(reservation.order_id, session=session)
        if known is not None:
            if known["state"] == State.RELEASED:
                raise errors.reservation_released(reservation.order_id)
            return True
        self.reservations.insert_one(to_document(reservation), session=session)
        wanted = [taking(*item) for item in sorted(reservation.items.items())]
        taken = self.products.bulk_write(wanted, session=session)
        if taken.matched_count < len(wanted):
            session.abort_transaction()
            return False
        return True

    def refuse_what_is_short(self, wanted: Mapping[str, int]) -> None:
        """Name the products that do not suffice; silent when all do by now."""
        found = self.products.find({"_id": {"$in": list(wanted)}})
        shelf = {doc["_id"]: doc for doc in found if doc["for_sale"]}
        if missing := sorted(set(wanted) - set(shelf)):
            raise errors.not_for_sale(missing)
        available = {product_id: doc["available"] for product_id, doc in shelf.items()}
        short = {p: left for p, left in available.items() if left < wanted[p]}
        if short:
            raise errors.out_of_stock(short)

    def sell_once(self, order_id: str, now: datetime, session: ClientSession) -> None:
        items = self.end(order_id, State.SOLD, session)
        if items:
            gone = [changing(item, reserved=-n) for item, n in sorted(items.items())]
            self.products.bulk_write(gone, session=session)
            sales = [
                Movement(new_id(), item, "sale", -n, order_id, now)
                for item, n in items.items()
            ]
            note(self.database, sales, session)

    def release_once(self, order_id: str, session: ClientSession) -> list[str]:
        items = self.end(order_id, State.RELEASED, session)
        if items:
            back = [
                changing(item, available=n, reserved=-n)
                for item, n in sorted(items.items())
            ]
            self.products.bulk_write(back, session=session)
        elif self.reservations.find_one(order_id, session=session) is None:
            tombstone = Reservation(order_id, {}, State.RELEASED)
            self.reservations.insert_one(to_document(tombstone), session=session)
        return list(items)

    def end(
        self, order_id: str, state: State, session: ClientSession
    ) -> dict[str, int]:
        """The pieces of a reservation that was still held, and is no more."""
        held = self.reservations.find_one_and_update(
            {"_id": order_id, "state": {"$in": [State.HELD, State.COMMITTED]}},
            {"$set": {"state": state.value}},
            session=session,
        )
        items = held["items"] if held else []
        return {item["product_id"]: item["quantity"] for item in items}


def taking(product_id: str, quantity: int) -> UpdateOne:
    """Hold so many pieces of a product, if it has them."""
    return UpdateOne(
        {
            "_id": product_id,
            "for_sale": True,
            "available": {"$gte": quantity},
        },
        {"$inc": {"available": -quantity, "reserved": quantity}},
    )


def changing(product_id: str, **counts: int) -> UpdateOne:
    return UpdateOne({"_id": product_id}, {"$inc": counts})


def to_document(reservation: Reservation) -> dict[str, Any]:
    return {
        "_id": reservation.order_id,
        "state": reservation.state.value,
        "items": [
            {"product_id": product_id, "quantity": quantity}
            for product_id, quantity in reservation.items.items()
        ],
    }
