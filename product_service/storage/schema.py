"""Collections, their validators and their indexes; made by ``shopnow migrate``."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, TEXT, IndexModel
from pymongo.database import Database

from common.idempotency import LIFE
from product_service.domain.reservation import State
from product_service.domain.stock import Kind
from product_service.storage import older_stock

WHOLE = {"bsonType": ["int", "long"], "minimum": 0}


def exactly(**properties: dict[str, Any]) -> dict[str, Any]:
    """Documents with all of these fields, and no others."""
    return {
        "$jsonSchema": {
            "bsonType": "object",
            "required": [*properties],
            "properties": properties,
            "additionalProperties": False,
        }
    }


# The last line of defence: MongoDB itself refuses to hold less than nothing.
PRODUCTS = {
    "$jsonSchema": {
        "bsonType": "object",
        "required": ["seller_id", "sku", "price", "for_sale", "available", "reserved"],
        "properties": {
            "available": WHOLE,
            "reserved": WHOLE,
            "price": {
                "bsonType": "object",
                "required": ["amount", "currency"],
                "properties": {"amount": WHOLE},
            },
        },
    }
}

SELLERS = {
    "$jsonSchema": {
        "bsonType": "object",
        "required": ["user_id", "status", "version"],
        "properties": {"version": WHOLE | {"minimum": 1}},
    }
}

ID = {"bsonType": "string", "minLength": 1}
PIECES = {
    "bsonType": "array",
    "items": {
        "bsonType": "object",
        "required": ["product_id", "quantity"],
        "properties": {"product_id": ID, "quantity": WHOLE | {"minimum": 1}},
        "additionalProperties": False,
    },
}
RESERVATIONS = exactly(
    _id=ID,
    state={"enum": [state.value for state in State]},
    items=PIECES,
    expires_at={"bsonType": ["date", "null"]},
    returned=PIECES,
    refunds={"bsonType": "array", "items": ID},
    cancelled={"bsonType": "bool"},
)
MOVEMENTS = exactly(
    _id=ID,
    product_id=ID,
    kind={"enum": [kind.value for kind in Kind]},
    delta={"bsonType": ["int", "long"]},
    reserved_delta={"bsonType": ["int", "long"]},
    cause=ID,
    at={"bsonType": "date"},
)

VALIDATORS: dict[str, dict[str, Any]] = {
    "products": PRODUCTS,
    "categories": {},
    "sellers": SELLERS,
    "stock_reservations": RESERVATIONS,
    "stock_movements": MOVEMENTS,
    "idempotency_keys": {},
}

FILTERS: tuple[list[str], ...] = ([], ["category"], ["seller_id"])


def listing(fields: list[str], *order: tuple[str, int]) -> IndexModel:
    equal = [(name, ASCENDING) for name in ("for_sale", *fields)]
    return IndexModel([*equal, *order])


INDEXES = {
    "products": [
        IndexModel([("seller_id", ASCENDING), ("sku", ASCENDING)], unique=True),
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


def complete(database: Database) -> None:
    """Give documents of before what every document has by now."""
    database.sellers.update_many({"version": None}, {"$set": {"version": 1}})
    database.idempotency_keys.update_many(
        {"at": None}, [{"$set": {"at": "$$NOW", "answer": "$level"}}]
    )
    older_stock.complete(database)
