"""Where products live: one document each, its shelf included.

The counters of stock sit in the product's own document, so that one read
answers what is for sale and one conditional update decides who gets it.  What
there is to tell of a change is pushed into it by the update that makes it.
"""

import copy
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pymongo import InsertOne, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from common.errors import Conflict
from common.gathering import Gathering
from product_service.domain import errors
from product_service.domain.product import LIVE, Product, Status
from product_service.domain.query import Found, ProductQuery
from product_service.storage.documents import (
    LEFT_OUT,
    change,
    to_document,
    to_product,
)
from product_service.storage.listing import Listing

DUPLICATE = 11000
TRIES = 3


class ProductRepository:
    """``correlation_id`` is of the request that it works for."""

    correlation_id: str | None = None

    def __init__(self, database: Database) -> None:
        self.products = database.products
        self.listing = Listing(database)
        self.documents = Gathering(self.read)

    def working_for(self, correlation_id: str | None) -> "ProductRepository":
        mine = copy.copy(self)
        mine.correlation_id = correlation_id
        return mine

    def add(self, product: Product, session: ClientSession | None = None) -> None:
        document = to_document(product, self.correlation_id)
        try:
            self.products.insert_one(document, session=session)
        except DuplicateKeyError:
            raise errors.sku_taken(product.sku) from None

    def find(self, product_id: str, seller_id: str | None = None) -> Product:
        """A product that is public, or any of ``seller_id``."""
        document = self.documents.get(product_id)
        if document is None or not to_product(document).visible_to(seller_id):
            raise errors.no_such_product(product_id)
        return to_product(document)

    def read(self, product_ids: list[str]) -> dict[str, dict[str, Any]]:
        found = self.products.find({"_id": {"$in": product_ids}}, LEFT_OUT)
        return {document["_id"]: document for document in found}

    def own(self, product_id: str, seller_id: str) -> Product:
        """A product of this shop, whatever has become of it."""
        mine = {"_id": product_id, "seller_id": seller_id}
        document = self.products.find_one(mine, LEFT_OUT)
        if document is None:
            raise errors.no_such_product(product_id)
        return to_product(document)

    def of_skus(self, seller_id: str, skus: list[str]) -> dict[str, Product]:
        """Those of a shop by their skus, archived ones left aside."""
        live = [status.value for status in LIVE]
        mine = {"seller_id": seller_id, "sku": {"$in": skus}, "status": {"$in": live}}
        found = self.products.find(mine, LEFT_OUT)
        return {document["sku"]: to_product(document) for document in found}

    def save(self, product: Product, seen: int) -> None:
        """Keep what was decided on seeing version ``seen``, if that still stands."""
        at = {"_id": product.id, "version": seen}
        try:
            saved = self.products.update_one(at, change(product, self.correlation_id))
        except DuplicateKeyError:
            raise errors.sku_taken(product.sku) from None
        if not saved.matched_count:
            raise errors.stale()

    def save_all(self, products: Iterable[tuple[Product, int]]) -> set[str]:
        """Those that are saved for sure, each by itself; the others need a look.

        A product that was never seen, at version 0, is new.
        """
        known = list(products)
        writes = [
            UpdateOne(
                {"_id": product.id, "version": seen},
                change(product, self.correlation_id),
            )
            if seen
            else InsertOne(to_document(product, self.correlation_id))
            for product, seen in known
        ]
        updates, (matched, failed) = sum(bool(s) for _, s in known), self.write(writes)
        return {
            product.id
            for number, (product, seen) in enumerate(known)
            if number not in failed and (not seen or matched == updates)
        }

    def write(self, writes: list[Any]) -> tuple[int, set[int]]:
        """How many updates found what they change, and which met a taken sku."""
        try:
            return self.products.bulk_write(writes, ordered=False).matched_count, set()
        except BulkWriteError as trouble:
            wrong = trouble.details["writeErrors"]
            if any(each["code"] != DUPLICATE for each in wrong):
                raise
            return trouble.details["nMatched"], {each["index"] for each in wrong}

    def archive(self, product_id: str, seller_id: str, now: datetime) -> None:
        """Archive it as it is, whoever changes it meanwhile."""
        for _ in range(TRIES):
            product = self.own(product_id, seller_id)
            seen = product.version
            product.archive(now)
            if not product.events:
                return
            try:
                self.save(product, seen)
            except Conflict:
                continue
            return
        raise errors.stale()

    def for_sale(self, product_ids: list[str]) -> list[Product]:
        wanted = {"_id": {"$in": product_ids}, "for_sale": True}
        return [to_product(doc) for doc in self.products.find(wanted, LEFT_OUT)]

    def search(self, query: ProductQuery) -> Found:
        return self.listing.page(query)

    def follow_seller(self, seller_id: str, active: bool) -> None:
        """Put a seller's products up for sale, or take them all off it."""
        chosen = {"$eq": ["$status", Status.ACTIVE.value]}
        change = {"seller_active": active, "for_sale": {"$and": [active, chosen]}}
        self.products.update_many(all_of(seller_id), [{"$set": change}])

    def ids_of(self, seller_id: str) -> list[str]:
        return self.products.distinct("_id", all_of(seller_id))


def all_of(seller_id: str) -> dict[str, Any]:
    """All products of a shop, in the words of an index that begins otherwise."""
    return {"for_sale": {"$in": [False, True]}, "seller_id": seller_id}
