"""The stock ledger: what came and went, and why; nothing is ever changed.

The counters of a product are moved by its movements and by nothing else, in
one transaction with them: so they are always what the ledger adds up to.
"""

from collections.abc import Iterable
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from product_service.domain.stock import Change, Movement


def note(
    database: Database, movements: list[Movement], session: ClientSession | None
) -> None:
    documents = [to_document(movement) for movement in movements]
    database.stock_movements.insert_many(documents, session=session)


def move(database: Database, movements: list[Movement], session: ClientSession) -> None:
    """Note the movements, and move the counters of their products.

    Products are taken in the order of their ids, so that whoever moves the same
    ones meets at the first of them.
    """
    if not movements:
        return
    sums = added_up(movements)
    moved = database.products.bulk_write(
        [counting(product_id, *sums[product_id]) for product_id in sorted(sums)],
        session=session,
    )
    if moved.matched_count < len(sums):
        raise RuntimeError("The counters of some product cannot take this")
    note(database, movements, session)


def added_up(changes: Iterable[Change]) -> dict[str, tuple[int, int]]:
    """How many more are available and reserved of each product."""
    sums: dict[str, tuple[int, int]] = {}
    for change in changes:
        available, reserved = sums.get(change.product_id, (0, 0))
        available += change.available_delta
        sums[change.product_id] = available, reserved + change.reserved_delta
    return sums


def counting(product_id: str, available: int, reserved: int) -> UpdateOne:
    enough = {"available": {"$gte": -available}, "reserved": {"$gte": -reserved}}
    return UpdateOne(
        {"_id": product_id} | enough,
        {"$inc": {"available": available, "reserved": reserved}},
    )


def to_document(movement: Movement) -> dict[str, Any]:
    fields = vars(movement) | {"kind": movement.kind.value}
    return {"_id": fields.pop("id"), **fields}
