"""Collections, their validators and their indexes; made by ``shopnow migrate``."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, TEXT, IndexModel
from pymongo.collection import Collection
from pymongo.database import Database

from common.idempotency import LIFE
from product_service.domain.categories import Tree
from product_service.domain.product import LIVE
from product_service.domain.reservation import State
from product_service.storage import inbox, older_stock
from product_service.storage.categories import CategoryRepository
from product_service.storage.outbox import WAITING
from product_service.storage.stock_validators import (
    INBOX,
    MOVEMENTS,
    PURCHASES,
    RESERVATIONS,
)
from product_service.storage.validators import CATEGORIES, PRODUCTS, SELLERS

VALIDATORS: dict[str, dict[str, Any]] = {
    "products": PRODUCTS,
    "categories": CATEGORIES,
    "sellers": SELLERS,
    "stock_reservations": RESERVATIONS,
    "stock_movements": MOVEMENTS,
    "inbox": INBOX,
    "purchases": PURCHASES,
    "idempotency_keys": {},
    "leases": {},
}

FILTERS: tuple[list[str], ...] = ([], ["category"], ["seller_id"])


def listing(fields: list[str], *order: tuple[str, int]) -> IndexModel:
    equal = [(name, ASCENDING) for name in ("for_sale", *fields)]
    return IndexModel([*equal, *order])


INDEXES = {
    "products": [
        IndexModel(
            [("seller_id", ASCENDING), ("sku", ASCENDING)],
            name="sku_of_a_shop",
            unique=True,
            # Archived, its sku is free again.
            partialFilterExpression={
                "status": {"$in": [status.value for status in LIVE]}
            },
        ),
        IndexModel(
            [("events.id", ASCENDING)],
            name=WAITING,
            partialFilterExpression={"events": {"$exists": True}},
        ),
        IndexModel([("title", TEXT), ("description", TEXT)], weights={"title": 5}),
        *(listing(fields, ("_id", DESCENDING)) for fields in FILTERS),
        *(
            listing(fields, ("price.amount", ASCENDING), ("_id", ASCENDING))
            for fields in FILTERS
        ),
    ],
    "sellers": [IndexModel([("user_id", ASCENDING)], unique=True)],
    "stock_reservations": [
        IndexModel(
            [("expires_at", ASCENDING)],
            partialFilterExpression={"state": State.HELD.value},
        )
    ],
    "inbox": [
        IndexModel(
            [("at", ASCENDING)], expireAfterSeconds=int(inbox.LIFE.total_seconds())
        )
    ],
    "purchases": [
        IndexModel([("customer_id", ASCENDING), ("product_id", ASCENDING)]),
        IndexModel([("order_id", ASCENDING)]),
    ],
    "stock_movements": [IndexModel([("product_id", ASCENDING), ("_id", ASCENDING)])],
    "idempotency_keys": [
        IndexModel([("at", ASCENDING)], expireAfterSeconds=int(LIFE.total_seconds()))
    ],
}


def migrate(database: Database) -> None:
    """Bring every collection to what this module says; may be repeated."""
    complete(database)
    existing = set(database.list_collection_names())
    for name, validator in VALIDATORS.items():
        if name not in existing:
            database.create_collection(name)
        database.command("collMod", name, validator=validator)
    for name, indexes in INDEXES.items():
        database[name].create_indexes(indexes)
        # Last, so that nobody is without one while the new ones are made.
        drop_others(database[name], {index.document["name"] for index in indexes})


def drop_others(collection: Collection, declared: set[str]) -> None:
    for name in collection.index_information().keys() - declared - {"_id_"}:
        collection.drop_index(name)


def complete(database: Database) -> None:
    """Give documents of before what every document has by now."""
    database.sellers.update_many({"version": None}, {"$set": {"version": 1}})
    database.idempotency_keys.update_many(
        {"at": None}, [{"$set": {"at": "$$NOW", "answer": "$level"}}]
    )
    older_stock.complete(database)
    file(database, CategoryRepository(database).tree())


def file(database: Database, tree: Tree) -> None:
    """Put every product under all categories that its own lies under."""
    for slug in tree.categories:
        path = tree.path(slug)
        where = {
            "category_path": [each.slug for each in path],
            "category_names": [each.name for each in path],
        }
        database.products.update_many(
            {"category": slug, "$nor": [where]}, {"$set": where}
        )
