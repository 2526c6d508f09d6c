"""How a query of the catalogue is asked of MongoDB.

Each sort is the order of an index, for all that can be asked for: the one that
is named in the ``hint``.  So a page costs what it takes to walk there, and
nothing is ever sorted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from product_service.domain.query import Place, ProductQuery, Sort
from product_service.storage.documents import LEFT_OUT

BY_PRICE = (Sort.CHEAPEST, Sort.DEAREST)
DIRECTIONS = {Sort.CHEAPEST: ASCENDING, Sort.DEAREST: DESCENDING}

# What an index begins with, beside what is for sale; the last two are lists of words.
LEADS = ("", "seller_id", "category_path", "words", "title_words")
WORDY = ("words", "title_words")


def index_of(lead: str, order: Sort) -> str:
    return f"listed_{lead or 'all'}_{'price' if order in BY_PRICE else 'newest'}"


def indexes() -> Iterator[IndexModel]:
    for lead in LEADS:
        begin = [("for_sale", ASCENDING), *([(lead, ASCENDING)] if lead else [])]
        # With the price behind it, most of what is too dear is never fetched; but
        # not for every word of a product, each time that its price changes.
        end = [] if lead in WORDY else [("price.amount", ASCENDING)]
        newest = [*begin, ("_id", DESCENDING), *end]
        yield IndexModel(newest, name=index_of(lead, Sort.NEWEST))
        if lead != "title_words":
            price = [*begin, ("price.amount", ASCENDING), ("_id", ASCENDING)]
            yield IndexModel(price, name=index_of(lead, Sort.CHEAPEST))


@dataclass(frozen=True)
class Tier:
    """One walk along one index; ``key`` is that of all it finds, if they share one."""

    match: dict[str, Any]
    lead: str
    key: int | None = None


def tiers(query: ProductQuery) -> list[Tier]:
    """In the order in which they come."""
    words, match = query.words, matching(query)
    if words is None:
        # The narrower one, mostly: a shop has fewer products than a category.
        lead = "seller_id" if query.seller_id else "category_path"
        return [Tier(match, lead if lead in match else "")]
    here, there = ({name: {"$all": words}} for name in ("title_words", "words"))
    if query.order is not Sort.RELEVANCE:
        return [Tier(match | there, "words")]
    # Titles that say it all, then all others.
    rest = match | there | {"$nor": [here]}
    return [Tier(match | here, "title_words", 0), Tier(rest, "words", 1)]


def matching(query: ProductQuery) -> dict[str, Any]:
    price = {"$gte": query.min_price, "$lte": query.max_price}
    asked = {
        "category_path": query.category,
        "seller_id": query.seller_id,
        "price.amount": {op: n for op, n in price.items() if n is not None} or None,
        "available": {True: {"$gt": 0}, False: 0, None: None}[query.in_stock],
    }
    given = {name: value for name, value in asked.items() if value is not None}
    return {"for_sale": True, **given}


def walk(query: ProductQuery, tier: Tier, place: Place | None) -> dict[str, Any]:
    """What to find of a tier, after ``place`` where the last page ended in it."""
    order = query.order
    direction = DIRECTIONS.get(order, DESCENDING)
    keys = ("price.amount", "_id") if order in BY_PRICE else ("_id",)
    beyond = after(place, order, direction) if place else {}
    return {
        "filter": {"$and": [tier.match, beyond]} if beyond else tier.match,
        "sort": dict.fromkeys(keys, direction),
        "hint": index_of(tier.lead, order),
        "projection": LEFT_OUT,
    }


def after(place: Place, order: Sort, direction: int) -> dict[str, Any]:
    beyond, until = ("$gt", "$lte") if direction == ASCENDING else ("$lt", "$gte")
    if order not in BY_PRICE:
        return {"_id": {beyond: place.product_id}}
    # Where to begin in the index, and what of it was there already.
    begin = {"price.amount": {f"{beyond}e": place.key}}
    seen = {"price.amount": place.key, "_id": {until: place.product_id}}
    return {**begin, "$nor": [seen]}
