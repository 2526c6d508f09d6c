"""Of several words, MongoDB walks along the first: so the rarest comes first."""

from dataclasses import replace
from typing import Any

from pymongo.collection import Collection

from product_service.domain.query import ProductQuery

# A word that more products have is common, however many they are.
COMMON = 500


def rarest_first(products: Collection, query: ProductQuery) -> ProductQuery:
    """The same query with its words in turn, for one question more."""
    words = query.words or []
    if len(words) <= 1:
        return query
    first, *others = (counting(word) for word in words)
    too = [{"$unionWith": {"coll": products.name, "pipeline": p}} for p in others]
    found = {each["_id"]: each["count"] for each in products.aggregate([*first, *too])}
    return replace(query, in_turn=sorted(words, key=lambda word: found.get(word, 0)))


def counting(word: str) -> list[dict[str, Any]]:
    return [
        {"$match": {"for_sale": True, "words": word}},
        {"$limit": COMMON},
        {"$group": {"_id": word, "count": {"$sum": 1}}},
    ]
