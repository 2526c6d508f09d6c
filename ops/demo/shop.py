"""The demo catalogue: sellers, categories, products and what is on the shelf."""

import json
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pymongo.database import Database

from common.errors import Conflict
from common.ids import new_id
from common.schemas import parse
from product_service.domain.categories import Category, Tree
from product_service.domain.product import Product
from product_service.domain.seller import Seller, Status
from product_service.domain.stock import Adjustment, Kind, Movement
from product_service.schemas import ProductDraft
from product_service.storage.categories import CategoryRepository
from product_service.storage.inventory import InventoryRepository
from product_service.storage.products import ProductRepository
from product_service.storage.sellers import SellerRepository

CATALOGUE = json.loads((Path(__file__).parent / "catalogue.json").read_text())


class Shop:
    """The catalogue's database, and the moment of the seeding."""

    def __init__(self, database: Database) -> None:
        self.database, self.now = database, datetime.now(UTC)
        self.products = ProductRepository(database)
        self.categories = CategoryRepository(database)
        self.sellers = SellerRepository(database)
        self.inventory = InventoryRepository(database)

    def ensure_categories(self) -> None:
        for entry in CATALOGUE["categories"]:
            self.categories.add(Category(**entry))

    @cached_property
    def tree(self) -> Tree:
        """Of the categories as they are seeded; nobody else changes them meanwhile."""
        return self.categories.tree()

    def ensure_seller(self, account_id: str, entry: dict[str, Any]) -> str:
        """The id of the account's active shop."""
        seller = Seller(
            new_id(), account_id, created_at=self.now, status=Status.ACTIVE, **entry
        )
        try:
            self.sellers.add(seller)
        except Conflict as taken:
            return taken.details["seller_id"]
        return seller.id

    def ensure_products(self, seller_id: str, name: str) -> None:
        for entry in CATALOGUE["products"]:
            if entry["seller"] == name:
                self.ensure_product(seller_id, entry)

    def ensure_product(self, seller_id: str, entry: dict[str, Any]) -> None:
        known = self.database.products.find_one(
            {"seller_id": seller_id, "sku": entry["sku"]}
        )
        product_id = known["_id"] if known else self.add(seller_id, entry)
        movement = Movement(
            id=new_id(),
            product_id=product_id,
            kind=Kind.ADJUSTMENT,
            delta=entry["stock"],
            reserved_delta=0,
            cause="opening stock",
            at=self.now,
        )
        key = f"seed:{entry['sku']}"
        self.inventory.adjust(Adjustment(movement, seller_id, key, fingerprint="seed"))

    def add(self, seller_id: str, entry: dict[str, Any]) -> str:
        draft = {k: v for k, v in entry.items() if k not in ("seller", "stock")}
        product = Product(
            id=new_id(),
            seller_id=seller_id,
            created_at=self.now,
            updated_at=self.now,
            **parse(ProductDraft, draft),
        )
        product.offer(self.tree.path(product.category))
        self.products.add(product)
        return product.id
