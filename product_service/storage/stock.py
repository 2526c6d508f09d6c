"""Where pieces are counted.

Every change is one MongoDB transaction of conditional updates: all lines of
an order or none, and never below zero.  Products are taken in the order of
their ids, so that two orders of the same things queue and do not deadlock.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError

from common.errors import service_unavailable
from common.ids import new_id
from product_service.domain import errors
from product_service.domain.product import Status
from product_service.domain.stock import Adjustment, Level, Movement, Reservation, State


class StockRepository:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.products = database.products
        self.reservations = database.stock_reservations
        self.movements = database.stock_movements
        self.keys = database.idempotency_keys

    def level(self, product_id: str, seller_id: str) -> Level:
        document = self.products.find_one({"_id": product_id, "seller_id": seller_id})
        if document is None:
            raise errors.no_such_product(product_id)
        return to_level(document)

    def adjust(self, adjustment: Adjustment) -> tuple[Level, bool]:
        """What is on the shelf now, and whether this was answered before."""
        return self.transaction(lambda session: self._adjust(adjustment, session))

    def reserve(self, reservation: Reservation) -> None:
        """Hold every line or none; holding twice is silent."""
        self.transaction(lambda session: self._reserve(reservation, session))

    def sell(self, order_id: str, now: datetime) -> None:
        """Take the held pieces off the shelf; selling twice is silent."""
        self.transaction(lambda session: self._sell(order_id, now, session))

    def release(self, order_id: str) -> None:
        """Put the held pieces back; a reservation still to come is refused."""
        self.transaction(lambda session: self._release(order_id, session))

    def transaction(self, work: Callable[[ClientSession], Any]) -> Any:
        with self.database.client.start_session() as session:
            try:
                return session.with_transaction(work)
            except PyMongoError as error:
                if error.has_error_label("TransientTransactionError"):
                    raise service_unavailable() from None
                raise

    def _adjust(
        self, adjustment: Adjustment, session: ClientSession
    ) -> tuple[Level, bool]:
        key = {"seller_id": adjustment.seller_id, "key": adjustment.key}
        known = self.keys.find_one({"_id": key}, session=session)
        if known:
            return replay(known, adjustment), True
        level = self._move(adjustment, session)
        self.movements.insert_one(to_document(adjustment.movement), session=session)
        self.keys.insert_one(
            {"_id": key, "fingerprint": adjustment.fingerprint, "level": asdict(level)},
            session=session,
        )
        return level, False

    def _move(self, adjustment: Adjustment, session: ClientSession) -> Level:
        movement = adjustment.movement
        own = {"_id": movement.product_id, "seller_id": adjustment.seller_id}
        document = self.products.find_one_and_update(
            own | {"available": {"$gte": -movement.delta}},
            {"$inc": {"available": movement.delta}},
            return_document=True,
            session=session,
        )
        if document is None:
            if self.products.find_one(own, session=session) is None:
                raise errors.no_such_product(movement.product_id)
            raise errors.insufficient_stock()
        return to_level(document, movement.id)

    def _reserve(self, reservation: Reservation, session: ClientSession) -> None:
        known = self.reservations.find_one(reservation.order_id, session=session)
        if known is not None:
            if known["state"] == State.RELEASED:
                raise errors.reservation_released(reservation.order_id)
            return
        self.reservations.insert_one(to_reservation(reservation), session=session)
        taken = self.products.bulk_write(
            [take(*item) for item in sorted(reservation.items.items())], session=session
        )
        if taken.matched_count < len(reservation.items):
            raise self.shortage(reservation.items)

    def shortage(self, wanted: Mapping[str, int]) -> Exception:
        """Which products do not suffice, read outside of the transaction."""
        found = self.products.find({"_id": {"$in": list(wanted)}})
        shelf = {doc["_id"]: doc for doc in found if doc["status"] == Status.ACTIVE}
        if len(shelf) < len(wanted):
            return errors.not_for_sale(sorted(set(wanted) - set(shelf)))
        return errors.out_of_stock(
            {
                product_id: shelf[product_id]["available"]
                for product_id, quantity in wanted.items()
                if shelf[product_id]["available"] < quantity
            }
        )

    def _sell(self, order_id: str, now: datetime, session: ClientSession) -> None:
        items = self._end(order_id, State.SOLD, session)
        if not items:
            return
        self.products.bulk_write(
            [
                UpdateOne({"_id": product_id}, {"$inc": {"reserved": -quantity}})
                for product_id, quantity in sorted(items.items())
            ],
            session=session,
        )
        self.movements.insert_many(
            [
                to_document(Movement(new_id(), item, "sale", -quantity, order_id, now))
                for item, quantity in items.items()
            ],
            session=session,
        )

    def _release(self, order_id: str, session: ClientSession) -> None:
        items = self._end(order_id, State.RELEASED, session)
        if items:
            self.products.bulk_write(
                [put_back(*item) for item in sorted(items.items())], session=session
            )
        elif self.reservations.find_one(order_id, session=session) is None:
            tombstone = Reservation(order_id, {}, State.RELEASED)
            self.reservations.insert_one(to_reservation(tombstone), session=session)

    def _end(
        self, order_id: str, state: State, session: ClientSession
    ) -> dict[str, int]:
        """The pieces of a reservation that was still held, and is no more."""
        held = self.reservations.find_one_and_update(
            {"_id": order_id, "state": State.HELD.value},
            {"$set": {"state": state.value}},
            session=session,
        )
        items = held["items"] if held else []
        return {item["product_id"]: item["quantity"] for item in items}


def take(product_id: str, quantity: int) -> UpdateOne:
    return UpdateOne(
        {
            "_id": product_id,
            "status": Status.ACTIVE.value,
            "available": {"$gte": quantity},
        },
        {"$inc": {"available": -quantity, "reserved": quantity}},
    )


def put_back(product_id: str, quantity: int) -> UpdateOne:
    change = {"available": quantity, "reserved": -quantity}
    return UpdateOne({"_id": product_id}, {"$inc": change})


def replay(known: dict[str, Any], adjustment: Adjustment) -> Level:
    if known["fingerprint"] != adjustment.fingerprint:
        raise errors.idempotency_key_reused()
    return Level(**known["level"])


def to_level(document: dict[str, Any], movement_id: str | None = None) -> Level:
    available, reserved = document["available"], document["reserved"]
    return Level(available + reserved, reserved, available, movement_id)


def to_document(movement: Movement) -> dict[str, Any]:
    fields = asdict(movement)
    return {"_id": fields.pop("id"), **fields}


def to_reservation(reservation: Reservation) -> dict[str, Any]:
    return {
        "_id": reservation.order_id,
        "state": reservation.state.value,
        "items": [
            {"product_id": product_id, "quantity": quantity}
            for product_id, quantity in reservation.items.items()
        ],
    }
