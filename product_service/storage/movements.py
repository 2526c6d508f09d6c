"""The stock ledger: what came and went, and why; nothing is ever changed."""

from dataclasses import asdict

from pymongo.client_session import ClientSession
from pymongo.database import Database

from product_service.domain.stock import Movement


def note(
    database: Database, movements: list[Movement], session: ClientSession | None
) -> None:
    documents = [asdict(movement) for movement in movements]
    database.stock_movements.insert_many(
        [{"_id": document.pop("id"), **document} for document in documents],
        session=session,
    )
