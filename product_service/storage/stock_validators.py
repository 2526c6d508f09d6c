"""What MongoDB itself holds the books of stock, and reviews, to."""

from typing import Any

from product_service.domain.reservation import State
from product_service.domain.review import LEAST, MOST
from product_service.domain.stock import Kind
from product_service.storage.validators import WHOLE


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
INBOX = exactly(_id={"bsonType": "object"}, at={"bsonType": "date"})
PURCHASES = exactly(_id=ID, order_id=ID, customer_id=ID, product_id=ID, reviews=WHOLE)
REVIEWS = exactly(
    _id=ID,
    product_id=ID,
    customer_id=ID,
    rating=WHOLE | {"minimum": LEAST, "maximum": MOST},
    title=ID,
    text=ID,
    created_at={"bsonType": "date"},
)
