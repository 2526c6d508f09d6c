"""How a query of the catalogue is asked of MongoDB."""

from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING

from product_service.domain.query import Hit, ProductQuery, Sort
from product_service.storage.documents import to_product

ORDERS = {
    Sort.NEWEST: ("_id", DESCENDING),
    Sort.CHEAPEST: ("price.amount", ASCENDING),
    Sort.DEAREST: ("price.amount", DESCENDING),
    Sort.RELEVANCE: ("score", DESCENDING),
}


def pipeline(query: ProductQuery) -> list[dict[str, Any]]:
    key, direction = ORDERS[query.order]
    scored = [{"$set": {"score": {"$meta": "textScore"}}}] if query.q else []
    return [
        {"$match": matching(query)},
        *scored,
        {"$match": after(query.cursor, key, direction)},
        {"$sort": {key: direction, "_id": direction}},
        {"$limit": query.limit + 1},
    ]


def matching(query: ProductQuery) -> dict[str, Any]:
    price = {"$gte": query.min_price, "$lte": query.max_price}
    asked = {
        "$text": {"$search": query.q} if query.q else None,
        "category": query.category,
        "seller_id": query.seller_id,
        "price.amount": {op: n for op, n in price.items() if n is not None} or None,
        "available": {True: {"$gt": 0}, False: 0, None: None}[query.in_stock],
    }
    given = {name: value for name, value in asked.items() if value is not None}
    return {"for_sale": True, **given}


def after(cursor: Sequence[Any] | None, key: str, direction: int) -> dict[str, Any]:
    if cursor is None:
        return {}
    beyond = "$gt" if direction == ASCENDING else "$lt"
    if key == "_id":
        return {"_id": {beyond: cursor[-1]}}
    tie = {key: cursor[0], "_id": {beyond: cursor[-1]}}
    return {"$or": [{key: {beyond: cursor[0]}}, tie]}


def to_hit(document: dict[str, Any], query: ProductQuery) -> Hit:
    values = {
        Sort.NEWEST: [],
        Sort.RELEVANCE: [document.get("score")],
        Sort.CHEAPEST: [document["price"]["amount"]],
        Sort.DEAREST: [document["price"]["amount"]],
    }
    return Hit(to_product(document), [*values[query.order], document["_id"]])
