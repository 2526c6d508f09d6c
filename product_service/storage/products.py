"""Where products live: one document each, its shelf included.

The counters of stock sit in the product's own document, so that one read
answers what is for sale and one conditional update decides who gets it.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from common.gathering import Gathering
from common.money import Money
from product_service.domain import errors
from product_service.domain.product import Category, Product, Status
from product_service.domain.query import Hit, ProductQuery, Sort

ORDERS = {
    Sort.NEWEST: ("_id", DESCENDING),
    Sort.CHEAPEST: ("price.amount", ASCENDING),
    Sort.DEAREST: ("price.amount", DESCENDING),
    Sort.RELEVANCE: ("score", DESCENDING),
}
PLAIN = [
    field.name
    for field in dataclasses.fields(Product)
    if field.name not in ("id", "price", "status")
]


class ProductRepository:
    def __init__(self, database: Database) -> None:
        self.products = database.products
        self.all_categories = database.categories
        self.documents = Gathering(self.read)

    def add(self, product: Product, session: ClientSession | None = None) -> None:
        if self.all_categories.find_one(product.category) is None:
            raise errors.no_such_category(product.category)
        try:
            self.products.insert_one(to_document(product), session=session)
        except DuplicateKeyError:
            raise errors.sku_taken(product.sku) from None

    def find(self, product_id: str, seller_id: str | None = None) -> Product:
        """A product that is public, or a draft of ``seller_id``."""
        document = self.documents.get(product_id)
        if document is None or not to_product(document).visible_to(seller_id):
            raise errors.no_such_product(product_id)
        return to_product(document)

    def read(self, product_ids: list[str]) -> dict[str, dict[str, Any]]:
        found = self.products.find({"_id": {"$in": product_ids}})
        return {document["_id"]: document for document in found}

    def for_sale(self, product_ids: list[str]) -> list[Product]:
        found = self.products.find({"_id": {"$in": product_ids}, "for_sale": True})
        return [to_product(document) for document in found]

    def search(self, query: ProductQuery) -> list[Hit]:
        """Up to ``limit + 1`` products in the order asked for."""
        return [to_hit(doc, query) for doc in self.products.aggregate(pipeline(query))]

    def follow_seller(self, seller_id: str, active: bool) -> None:
        """Put a seller's products up for sale, or take them all off it."""
        chosen = {"$eq": ["$status", Status.ACTIVE.value]}
        change = {"seller_active": active, "for_sale": {"$and": [active, chosen]}}
        self.products.update_many({"seller_id": seller_id}, [{"$set": change}])

    def ids_of(self, seller_id: str) -> list[str]:
        return self.products.distinct("_id", {"seller_id": seller_id})

    def categories(self) -> list[Category]:
        found = self.all_categories.find().sort("_id")
        return [Category(doc["_id"], doc["name"], doc["parent"]) for doc in found]

    def add_category(self, category: Category) -> None:
        document = {"name": category.name, "parent": category.parent}
        self.all_categories.replace_one({"_id": category.slug}, document, upsert=True)


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


def to_product(document: dict[str, Any]) -> Product:
    fields = {name: document[name] for name in PLAIN}
    return Product(
        id=document["_id"],
        price=Money(**document["price"]),
        status=Status(document["status"]),
        **fields,
    )


def to_document(product: Product) -> dict[str, Any]:
    fields = {name: getattr(product, name) for name in PLAIN}
    return {
        "_id": product.id,
        "price": asdict(product.price),
        "status": product.status.value,
        # Derived, so that one index and one condition tell what may be sold.
        "for_sale": product.for_sale,
        **fields,
    }
