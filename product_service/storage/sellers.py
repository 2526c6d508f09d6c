"""Where sellers live."""

from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from product_service.domain import errors
from product_service.domain.seller import Seller, Status


class SellerRepository:
    def __init__(self, database: Database) -> None:
        self.sellers = database.sellers

    def add(self, seller: Seller, session: ClientSession | None = None) -> None:
        try:
            self.sellers.insert_one(to_document(seller), session=session)
        except DuplicateKeyError:
            taken = self.sellers.find_one({"user_id": seller.user_id})
            raise errors.already_a_seller(taken["_id"] if taken else "") from None

    def find(self, seller_id: str) -> Seller:
        document = self.sellers.find_one(seller_id)
        if document is None:
            raise errors.no_such_seller(seller_id)
        return to_seller(document)

    def of_user(self, user_id: str) -> Seller:
        document = self.sellers.find_one({"user_id": user_id})
        if document is None:
            raise errors.no_shop()
        return to_seller(document)

    def close(self, user_id: str, seller_id: str, now: datetime) -> str:
        """Close somebody's shop, and leave no word of theirs in it; its id.

        Who has none gets a closed one, ``seller_id``, so that a request of theirs
        that is still under way finds the place taken.
        """
        closed = {"status": Status.CLOSED.value, "name": "", "description": ""}
        self.sellers.update_one(
            {"user_id": user_id},
            {
                "$set": closed,
                "$inc": {"version": 1},
                "$setOnInsert": {"_id": seller_id, "created_at": now},
            },
            upsert=True,
        )
        return self.of_user(user_id).id

    def active(self, limit: int, cursor: list | None) -> list[Seller]:
        """Up to ``limit + 1`` active sellers, the newest first."""
        wanted: dict[str, Any] = {"status": Status.ACTIVE.value}
        if cursor:
            wanted["_id"] = {"$lt": cursor[-1]}
        found = self.sellers.find(wanted).sort("_id", -1).limit(limit + 1)
        return [to_seller(document) for document in found]

    def save(self, seller: Seller, seen: int) -> None:
        """Keep what was decided on seeing version ``seen``, if that still stands."""
        saved = self.sellers.replace_one(
            {"_id": seller.id, "version": seen}, to_document(seller)
        )
        if not saved.matched_count:
            raise errors.stale()


def to_seller(document: dict[str, Any]) -> Seller:
    fields = {name: value for name, value in document.items() if name != "_id"}
    return Seller(
        **fields | {"id": document["_id"], "status": Status(document["status"])}
    )


def to_document(seller: Seller) -> dict[str, Any]:
    fields = {name: value for name, value in vars(seller).items() if name != "id"}
    return {"_id": seller.id, **fields, "status": seller.status.value}
