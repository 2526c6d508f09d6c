"""Who has bought what: those may say what they think of it."""

from collections.abc import Iterator
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from product_service.storage.rounds import Round


class PurchaseRepository:
    def __init__(self, database: Database) -> None:
        self.purchases = database.purchases

    def follow(self, decided: Round, session: ClientSession) -> None:
        """Keep what is bought, and forget what is called off."""
        bought = [
            UpdateOne({"_id": document["_id"]}, {"$setOnInsert": document}, upsert=True)
            for document in bought_in(decided)
        ]
        if bought:
            self.purchases.bulk_write(bought, session=session)
        off = [each.order_id for each in decided.changed if each.cancelled]
        if off:
            self.purchases.delete_many({"order_id": {"$in": off}}, session=session)

    def mark(self, customer_id: str, product_id: str, session: ClientSession) -> bool:
        """Whether they have bought it; nobody forgets that before the session ends."""
        theirs = {"customer_id": customer_id, "product_id": product_id}
        touched = {"$inc": {"reviews": 1}}
        found = self.purchases.update_one(theirs, touched, session=session)
        return bool(found.matched_count)

    def forget(self, customer_id: str) -> None:
        self.purchases.delete_many({"customer_id": customer_id})


def bought_in(decided: Round) -> Iterator[dict[str, Any]]:
    for order_id, reservation in decided.bought.items():
        customer_id = decided.buyers[order_id]
        if customer_id not in decided.gone:
            for product_id in reservation.items:
                yield to_document(order_id, customer_id, product_id)


def to_document(order_id: str, customer_id: str, product_id: str) -> dict[str, Any]:
    return {
        "_id": f"{order_id}:{product_id}",
        "order_id": order_id,
        "customer_id": customer_id,
        "product_id": product_id,
        "reviews": 0,
    }
