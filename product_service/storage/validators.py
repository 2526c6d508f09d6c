"""What MongoDB itself holds documents of the catalogue to."""

from typing import Any

from product_service.domain import product, seller

TEXT = {"bsonType": "string", "minLength": 1}
WORDS = {"bsonType": "string"}
TIME = {"bsonType": "date"}
FLAG = {"bsonType": "bool"}
WHOLE = {"bsonType": ["int", "long"], "minimum": 0}
COUNTED = WHOLE | {"minimum": 1}
TEXTS = {"bsonType": "array", "items": TEXT}
# As long as the schemas of the service let them be.
MOST_IMAGES = 20


def shape(required: dict[str, Any], optional: dict[str, Any]) -> dict[str, Any]:
    """A validator for documents with these fields; others may come to be."""
    return {
        "$jsonSchema": {
            "bsonType": "object",
            "required": list(required),
            "properties": required | optional,
        }
    }


def among(values: Any) -> dict[str, Any]:
    return {"enum": [each.value for each in values]}


MONEY = {
    "bsonType": "object",
    "required": ["amount", "currency"],
    "additionalProperties": False,
    "properties": {
        "amount": WHOLE,
        "currency": {"bsonType": "string", "pattern": "^[A-Z]{3}$"},
    },
}
EVENT = {
    "bsonType": "object",
    "required": ["id", "type", "version", "occurred_at", "data"],
}

PRODUCTS = shape(
    {
        "_id": TEXT,
        "seller_id": TEXT,
        "sku": TEXT | {"maxLength": 64},
        "title": TEXT | {"maxLength": 200},
        "description": WORDS | {"maxLength": 10_000},
        "category": TEXT,
        "category_path": TEXTS,
        "category_names": {"bsonType": "array", "items": WORDS},
        "title_words": TEXTS,
        "words": TEXTS,
        "attributes": {"bsonType": "object", "additionalProperties": WORDS},
        "images": TEXTS | {"maxItems": MOST_IMAGES},
        "price": MONEY,
        "status": among(product.Status),
        "seller_active": FLAG,
        "for_sale": FLAG,
        "version": COUNTED,
        # The last line of defence: nobody holds less than nothing.
        "available": WHOLE,
        "reserved": WHOLE,
        "created_at": TIME,
        "updated_at": TIME,
    },
    {"events": {"bsonType": "array", "minItems": 1, "items": EVENT}},
)

CATEGORIES = shape(
    {
        "_id": TEXT,
        "name": TEXT,
        "parent": {"bsonType": ["string", "null"]},
    },
    {},
)

SELLERS = shape(
    {
        "_id": TEXT,
        "user_id": TEXT,
        # Without a word of theirs where the person has gone.
        "name": WORDS,
        "description": WORDS,
        "status": among(seller.Status),
        "version": COUNTED,
        "created_at": TIME,
    },
    {},
)
