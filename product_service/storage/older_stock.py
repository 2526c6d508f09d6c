"""Stock as it was kept before its ledger told of reservations too.

A sale was all the ledger had of an order; and what was held for one was held
until the order had its end, whenever that was, so it still is.
"""

from functools import partial
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from common.clock import utc_now
from common.ids import new_id
from product_service.domain.reservation import Reservation, State
from product_service.domain.stock import Kind, Movement
from product_service.storage.movements import note
from product_service.storage.reservation_documents import to_document, to_pieces
from product_service.storage.transactions import transact

OLDER = {"expires_at": {"$exists": False}}


def complete(database: Database) -> None:
    """Give movements and reservations what all of them have by now."""
    database.stock_movements.update_many(
        {"reserved_delta": None}, {"$set": {"reserved_delta": 0}}
    )
    for document in database.stock_reservations.find(OLDER):
        transact(database, partial(complete_one, database, document))


def complete_one(
    database: Database, document: dict[str, Any], session: ClientSession
) -> None:
    state = State(document["state"])
    reservation = Reservation(document["_id"], to_pieces(document["items"]))
    reservation.state = State.COMMITTED if state is State.HELD else state
    older = OLDER | {"_id": reservation.order_id, "state": state.value}
    replaced = database.stock_reservations.replace_one(
        older, to_document(reservation), session=session
    )
    if replaced.matched_count and state is State.HELD and reservation.items:
        note(database, taken_before(reservation), session)


def taken_before(reservation: Reservation) -> list[Movement]:
    reservation.move_all(Kind.RESERVATION, 0, 1)
    now = utc_now()
    return [Movement(**vars(c), id=new_id(), at=now) for c in reservation.changes]
