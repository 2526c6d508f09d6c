"""Ways to hold one order's pieces, of which the shop uses one."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from common.errors import Refusal
from common.ids import new_id
from product_service.domain.reservation import Reservation
from product_service.domain.stock import Kind, Movement, Shelf
from product_service.storage.decisions import Decisions
from product_service.storage.movements import counting, note
from product_service.storage.reservation_documents import to_document
from product_service.storage.rounds import Request

Hold = Callable[[str, list[str]], bool]
NEVER = datetime(2100, 1, 1, tzinfo=UTC)


def one_transaction_each(database: Database) -> Hold:
    """Every order has a transaction of its own."""
    decisions = Decisions(database)

    def hold(order_id: str, product_ids: list[str]) -> bool:
        request = asked(order_id, product_ids)
        return not isinstance(decisions.decide([request])[request], Refusal)

    return hold


def decided_together(database: Database) -> Hold:
    """As the shop does it: those who come at once share a transaction."""
    decisions = Decisions(database)

    def hold(order_id: str, product_ids: list[str]) -> bool:
        try:
            decisions.ask(asked(order_id, product_ids))
        except Refusal:
            return False
        return True

    return hold


def ordered_updates(database: Database) -> Hold:
    """One conditional update after the other, undone when one finds too little.

    This is the least that it takes: what a crash in between leaves is left.
    """
    reservations, products = database.stock_reservations, database.products

    def hold(order_id: str, product_ids: list[str]) -> bool:
        reservation = Reservation(order_id, dict.fromkeys(product_ids, 1), NEVER)
        reservation.move_all(Kind.RESERVATION, 0, 1)
        # It is to be known what there is to undo, should this process end.
        reservations.insert_one(to_document(reservation) | {"state": "released"})
        taken: list[str] = []
        for product_id in sorted(product_ids):
            if not take(products, product_id, 1):
                products.bulk_write([counting(each, 1, -1) for each in taken])
                return False
            taken.append(product_id)
        now = datetime.now(UTC)
        moved = [Movement(**vars(c), id=new_id(), at=now) for c in reservation.changes]
        note(database, moved, None)
        held = {"$set": {"state": "held"}}
        reservations.update_one({"_id": order_id}, held)
        return True

    return hold


def take(products: Any, product_id: str, pieces: int) -> bool:
    there = {"_id": product_id, "for_sale": True, "available": {"$gte": pieces}}
    change = {"$inc": {"available": -pieces, "reserved": pieces}}
    return bool(products.update_one(there, change).matched_count)


def asked(order_id: str, product_ids: list[str]) -> Request:
    items = dict.fromkeys(product_ids, 1)

    def decide(known: Reservation | None, shelf: Shelf) -> Reservation:
        return known or Reservation.hold(order_id, items, NEVER, shelf)

    return Request(order_id, decide, datetime.now(UTC), items)


WAYS: dict[str, Callable[[Database], Hold]] = {
    "a transaction each": one_transaction_each,
    "ordered updates": ordered_updates,
    "decided together": decided_together,
}


def adds_up(client: MongoClient[Any], product_id: str) -> bool:
    """Whether the counters of a product are what its ledger says."""
    database = client.get_default_database()
    shelf = database.products.find_one(product_id) or {}
    moved = database.stock_movements.aggregate(
        [
            {"$match": {"product_id": product_id}},
            {"$group": {"_id": None, "reserved": {"$sum": "$reserved_delta"}}},
        ]
    )
    sums = next(iter(moved), {"reserved": 0})
    return bool(shelf.get("reserved") == sums["reserved"])
