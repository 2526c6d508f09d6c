"""Products as MongoDB keeps them."""

import dataclasses
from dataclasses import asdict
from typing import Any

from common import tracing
from common.events import enveloped
from common.money import Money
from product_service.domain.product import Product, Status
from product_service.domain.words import words_of

PLAIN = [
    field.name
    for field in dataclasses.fields(Product)
    if field.name not in ("id", "price", "status", "events")
]
# What others than the seller change beside them, or nobody does.
NOT_THE_SELLERS = {"seller_id", "created_at", "seller_active", "available", "reserved"}
# What is kept for the work of the store, and read by nobody else.
LEFT_OUT = {"events": 0, "title_words": 0, "words": 0}


def to_product(document: dict[str, Any]) -> Product:
    fields = {name: document[name] for name in PLAIN}
    return Product(
        id=document["_id"],
        price=Money(**document["price"]),
        status=Status(document["status"]),
        **fields,
    )


def to_document(product: Product, correlation_id: str | None = None) -> dict[str, Any]:
    """A product that is new, and what there is to tell of it."""
    told = envelopes(product, correlation_id)
    return {
        "_id": product.id,
        # Derived, so that one index and one condition tell what may be sold.
        "for_sale": product.for_sale,
        **written(product),
        **({"events": told} if told else {}),
    }


def written(product: Product) -> dict[str, Any]:
    fields = {name: getattr(product, name) for name in PLAIN}
    price, status = asdict(product.price), product.status.value
    return fields | {"price": price, "status": status} | searchable(product)


def searchable(product: Product) -> dict[str, list[str]]:
    """The words that it is found by; what matters most comes first."""
    title, names = product.title, product.category_names
    return {
        "title_words": words_of(title),
        "words": words_of(title, product.sku, *names, product.description),
    }


def change(product: Product, correlation_id: str | None) -> list[dict[str, Any]]:
    """The update that makes a product what its seller says, and tells of it.

    Its counters and whether its shop may sell are left as they are by then.
    """
    told = envelopes(product, correlation_id)
    own = {n: v for n, v in written(product).items() if n not in NOT_THE_SELLERS}
    is_chosen = product.status is Status.ACTIVE
    return [
        {
            "$set": {
                # As they are: a title may begin with a dollar.
                **{name: {"$literal": value} for name, value in own.items()},
                "for_sale": {"$and": ["$seller_active", is_chosen]},
                "events": {
                    "$concatArrays": [{"$ifNull": ["$events", []]}, {"$literal": told}]
                },
            }
        }
    ]


def envelopes(product: Product, correlation_id: str | None) -> list[dict[str, Any]]:
    """Each with the span that it came of, for the relay to go on with."""
    trace = {"traceparent": found} if (found := tracing.here()) else {}
    return [
        enveloped(event, product.updated_at, correlation_id) | trace
        for event in product.events
    ]
