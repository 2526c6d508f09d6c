"""What a seller has on the shelf, and corrects."""

from dataclasses import asdict
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from product_service.domain import errors
from product_service.domain.stock import Adjustment, Level
from product_service.storage.movements import note
from product_service.storage.transactions import transact


class InventoryRepository:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.products = database.products
        self.keys = database.idempotency_keys

    def level(self, product_id: str, seller_id: str) -> Level:
        document = self.products.find_one({"_id": product_id, "seller_id": seller_id})
        if document is None:
            raise errors.no_such_product(product_id)
        return to_level(document)

    def adjust(self, adjustment: Adjustment) -> tuple[Level, bool]:
        """What is on the shelf now, and whether this was answered before."""
        return transact(self.database, lambda s: self.adjust_once(adjustment, s))

    def adjust_once(
        self, adjustment: Adjustment, session: ClientSession
    ) -> tuple[Level, bool]:
        key = {"seller_id": adjustment.seller_id, "key": adjustment.key}
        known = self.keys.find_one({"_id": key}, session=session)
        if known:
            return replay(known, adjustment), True
        level = self.move(adjustment, session)
        note(self.database, [adjustment.movement], session)
        self.keys.insert_one(
            {"_id": key, "fingerprint": adjustment.fingerprint, "level": asdict(level)},
            session=session,
        )
        return level, False

    def move(self, adjustment: Adjustment, session: ClientSession) -> Level:
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


def replay(known: dict[str, Any], adjustment: Adjustment) -> Level:
    if known["fingerprint"] != adjustment.fingerprint:
        raise errors.idempotency_key_reused()
    return Level(**known["level"])


def to_level(document: dict[str, Any], movement_id: str | None = None) -> Level:
    available, reserved = document["available"], document["reserved"]
    return Level(available + reserved, reserved, available, movement_id)
