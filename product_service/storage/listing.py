"""Pages of the catalogue that neither skip nor repeat, whatever changes meanwhile.

Where the order may change, every page is read as of the moment of the first:
that moment decides which products there are and in which order, and travels in
the cursor.  What is shown of them is what they are now.
"""

from collections.abc import Iterator
from typing import Any

from bson import Timestamp
from pymongo.database import Database
from pymongo.errors import OperationFailure

from product_service.domain import errors
from product_service.domain.product import Product
from product_service.domain.query import Found, Place, ProductQuery, Sort
from product_service.storage.documents import LEFT_OUT, to_product
from product_service.storage.facets import facets
from product_service.storage.rarity import rarest_first
from product_service.storage.search import BY_PRICE, Tier, tiers, walk

# SnapshotTooOld, SnapshotUnavailable, and InvalidOptions for a time still to come.
NO_SUCH_MOMENT = {239, 246, 72}

Moment = tuple[int, int]
Documents = list[dict[str, Any]]


class Listing:
    def __init__(self, database: Database) -> None:
        self.database, self.products = database, database.products

    def page(self, query: ProductQuery) -> Found:
        place = Place.read(query.cursor) if query.cursor else None
        query = rarest_first(self.products, query)
        rows, moment = self.rows(query, place)
        some = rows[: query.limit]
        end = place_of(*some[-1], query, moment) if len(rows) > query.limit else None
        shown = [document for document, _ in some]
        return Found(
            self.now(shown) if place and place.moment else made(shown),
            end,
            facets(self.products, query) if query.facets else None,
        )

    def rows(
        self, query: ProductQuery, place: Place | None
    ) -> tuple[list[tuple[dict[str, Any], Tier]], Moment | None]:
        """Up to ``limit + 1`` documents with their tiers, and as of when."""
        found: list[tuple[dict[str, Any], Tier]] = []
        moment = place.moment if place else None
        for tier, begin in ahead(query, place):
            if left := query.limit + 1 - len(found):
                wanted = walk(query, tier, begin) | {"limit": left}
                documents, moment = self.find(query, wanted, moment)
                found += [(document, tier) for document in documents]
        return found, moment

    def find(
        self, query: ProductQuery, wanted: dict[str, Any], moment: Moment | None
    ) -> tuple[Documents, Moment | None]:
        # What never changes needs no moment: a product's place among the newest.
        if query.order is Sort.NEWEST:
            return list(self.products.find(**wanted)), None
        at = {"atClusterTime": Timestamp(*moment)} if moment else {}
        whole = {"batchSize": wanted["limit"], "singleBatch": True}
        command = {"find": self.products.name, **wanted, **whole}
        try:
            answer = self.database.command(
                command | {"readConcern": {"level": "snapshot", **at}},
                codec_options=self.database.codec_options,
            )
        except OperationFailure as refusal:
            if refusal.code in NO_SUCH_MOMENT:
                raise errors.cursor_too_old() from None
            raise
        cursor = answer["cursor"]
        return cursor["firstBatch"], (
            cursor["atClusterTime"].time,
            cursor["atClusterTime"].inc,
        )

    def now(self, documents: Documents) -> list[Product]:
        """As they are by now; what is no longer for sale is left out."""
        ids = [document["_id"] for document in documents]
        wanted = {"_id": {"$in": ids}, "for_sale": True}
        found = {doc["_id"]: doc for doc in self.products.find(wanted, LEFT_OUT)}
        return made([found[each] for each in ids if each in found])


def made(documents: Documents) -> list[Product]:
    return [to_product(document) for document in documents]


def ahead(
    query: ProductQuery, place: Place | None
) -> Iterator[tuple[Tier, Place | None]]:
    """The tiers still to walk; the one that ``place`` is in from there on."""
    for tier in tiers(query):
        if place is None or tier.key in (None, place.key):
            yield tier, place
        elif tier.key > place.key:
            yield tier, None


def place_of(
    document: dict[str, Any], tier: Tier, query: ProductQuery, moment: Moment | None
) -> Place:
    price = document["price"]["amount"] if query.order in BY_PRICE else 0
    return Place(document["_id"], price if tier.key is None else tier.key, moment)
