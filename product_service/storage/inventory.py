"""What a seller has on the shelf, and corrects."""

from dataclasses import asdict
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from product_service.domain import errors
from product_service.domain.stock import Adjustment, Level
from product_service.storage.keys import Claim, KeyRepository
from product_service.storage.movements import note


class InventoryRepository:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.products = database.products
        self.keys = KeyRepository(database)

    def level(self, product_id: str, seller_id: str) -> Level:
        document = self.products.find_one({"_id": product_id, "seller_id": seller_id})
        if document is None:
            raise errors.no_such_product(product_id)
        return to_level(document)

    def adjust(self, adjustment: Adjustment) -> tuple[Level, bool]:
        """What is on the shelf now, and whether this was answered before."""
        level, replayed = self.keys.once(
            claim_of(adjustment), lambda session: self.adjust_once(adjustment, session)
        )
        return Level(**level), replayed

    def adjust_once(
        self, adjustment: Adjustment, session: ClientSession | None
    ) -> dict[str, Any]:
        level = self.move(adjustment, session)
        note(self.database, [adjustment.movement], session)
        return asdict(level)

    def move(self, adjustment: Adjustment, session: ClientSession | None) -> Level:
        movement = adjustment.movement
        own = {"_id": movement.product_id, "seller_id": adjustment.seller_id}
        document = self.products.find_one_and_update(
            own | {"available": {"$gte": -movement.available_delta}},
            {"$inc": {"available": movement.available_delta}},
            return_document=True,
            session=session,
        )
        if document is None:
            if self.products.find_one(own, session=session) is None:
                raise errors.no_such_product(movement.product_id)
            raise errors.insufficient_stock()
        return to_level(document, movement.id)


def claim_of(adjustment: Adjustment) -> Claim:
    asker = {"seller_id": adjustment.seller_id}
    at = adjustment.movement.at
    return Claim(asker, adjustment.key, adjustment.fingerprint, at)


def to_level(document: dict[str, Any], movement_id: str | None = None) -> Level:
    available, reserved = document["available"], document["reserved"]
    return Level(available + reserved, reserved, available, movement_id)
