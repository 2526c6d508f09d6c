"""How many of what is found are of which kind: counted over some of it, at most."""

from typing import Any

from pymongo.collection import Collection

from product_service.domain.query import ProductQuery, Sort
from product_service.storage.search import Tier, index_of, matching, tiers

# So many of what is found are looked at, the newest first: a bound on the work.
MOST_COUNTED = 2000
MOST_VALUES = 20
IN_STOCK = {"$match": {"available": {"$gt": 0}}}
PRICES = (0, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000)


def facets(products: Collection, query: ProductQuery) -> dict[str, Any]:
    tier = widest(query)
    (found,) = products.aggregate(counting(tier), hint=hint_of(tier))
    return {
        "categories": found["categories"],
        "sellers": found["sellers"],
        "prices": [band(each) for each in found["prices"]],
        "in_stock": sum(each["count"] for each in found["in_stock"]),
    }


def widest(query: ProductQuery) -> Tier:
    """All that is found, of whatever tier."""
    if query.words is None:
        return tiers(query)[0]
    return Tier(matching(query) | {"words": {"$all": query.words}}, "words")


def hint_of(tier: Tier) -> str:
    return index_of(tier.lead, Sort.NEWEST)


def counting(tier: Tier) -> list[dict[str, Any]]:
    kept = {"category_path": 1, "seller_id": 1, "price.amount": 1, "available": 1}
    bounds = [*PRICES, float("inf")]
    return [
        {"$match": tier.match},
        {"$limit": MOST_COUNTED},
        {"$project": kept},
        {
            "$facet": {
                "categories": [{"$unwind": "$category_path"}, *most("category_path")],
                "sellers": most("seller_id"),
                "prices": [
                    {"$bucket": {"groupBy": "$price.amount", "boundaries": bounds}}
                ],
                "in_stock": [
                    {"$match": {"available": {"$gt": 0}}},
                    {"$count": "count"},
                ],
            }
        },
    ]


def most(name: str) -> list[dict[str, Any]]:
    """The most frequent values, without sorting all of them."""
    top = {
        "n": MOST_VALUES,
        "sortBy": {"count": -1, "_id": 1},
        "output": {"value": "$_id", "count": "$count"},
    }
    return [
        {"$group": {"_id": f"${name}", "count": {"$sum": 1}}},
        {"$group": {"_id": None, "top": {"$topN": top}}},
        {"$unwind": "$top"},
        {"$replaceWith": "$top"},
    ]


def band(bucket: dict[str, Any]) -> dict[str, Any]:
    """From a price to the next one, which it does not reach; None is no end."""
    begin = bucket["_id"]
    further = PRICES[PRICES.index(begin) + 1 :]
    end = further[0] if further else None
    return {"from": begin, "to": end, "count": bucket["count"]}
