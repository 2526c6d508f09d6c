"""Collections, their validators and their indexes; made by ``shopnow migrate``."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database

from common.idempotency import LIFE
from product_service.domain.categories import Tree
from product_service.domain.product import LIVE
from product_service.domain.reservation import State
from product_service.storage import inbox, older_stock
from product_service.storage.categories import CategoryRepository
from product_service.storage.documents import LEFT_OUT, searchable, to_product
from product_service.storage.outbox import WAITING
from product_service.storage.search import indexes
from product_service.storage.stock_validators import (
    INBOX,
    MOVEMENTS,
    PURCHASES,
    RESERVATIONS,
    REVIEWS,
)
from product_service.storage.validators import CATEGORIES, PRODUCTS, SELLERS

MOST_AT_ONCE = 500

VALIDATORS: dict[str, dict[str, Any]] = {
    "products": PRODUCTS,
    "categories": CATEGORIES,
    "sellers": SELLERS,
    "stock_reservations": RESERVATIONS,
    "stock_movements": MOVEMENTS,
    "inbox": INBOX,
    "purchases": PURCHASES,
    "reviews": REVIEWS,
    "idempotency_keys": {},
    "leases": {},
}

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
        *indexes(),
    ],
    "sellers": [
        IndexModel([("user_id", ASCENDING)], unique=True),
        IndexModel([("status", ASCENDING), ("_id", DESCENDING)]),
    ],
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
    "reviews": [
        IndexModel([("product_id", ASCENDING), ("_id", DESCENDING)]),
        IndexModel(
            [("customer_id", ASCENDING), ("product_id", ASCENDING)], unique=True
        ),
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
    for name, wanted in INDEXES.items():
        database[name].create_indexes(wanted)
        # Last, so that nobody is without one while the new ones are made.
        drop_others(database[name], {index.document["name"] for index in wanted})


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
    file(database.products, CategoryRepository(database).tree())


def file(products: Collection, tree: Tree) -> None:
    """Have every product under all categories that its own lies under, and found.

    What is changed meanwhile is filed by who changes it.
    """
    for slug in tree.categories:
        path = tree.path(slug)
        where = {
            "category_path": [each.slug for each in path],
            "category_names": [each.name for each in path],
        }
        misfiled = {"category": slug, "$or": [{"$nor": [where]}, {"words": None}]}
        found = products.find(misfiled, LEFT_OUT).batch_size(MOST_AT_ONCE)
        for some in batched(found, MOST_AT_ONCE):
            products.bulk_write([filing(d | where) for d in some], ordered=False)


def filing(document: dict[str, Any]) -> UpdateOne:
    product = to_product(document)
    where = {name: document[name] for name in ("category_path", "category_names")}
    return UpdateOne(
        {"_id": product.id, "version": product.version},
        {"$set": where | searchable(product)},
    )


def batched(found: Iterable[Any], size: int) -> Iterator[list[Any]]:
    left = iter(found)
    while some := list(islice(left, size)):
        yield some
