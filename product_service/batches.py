"""Many products of one shop at a time, each row by itself."""

import time
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any

from common.errors import Invalid, Refusal
from common.ids import new_id
from product_service.domain import errors
from product_service.domain.categories import Tree
from product_service.domain.product import Product
from product_service.drafts import changed_by_row, offered

TRIES = 3
# Others want to work as well; so many rows take some milliseconds.
ROWS_AT_A_TIME = 20
CREATED, KEPT, INVALID, CONFLICT = 201, 200, 422, 409


class Batch:
    """The rows of a request; ``saved`` are the ids of what it made or changed."""

    def __init__(self, store: Any, seller_id: str, now: datetime) -> None:
        self.store, self.seller_id, self.now = store, seller_id, now
        self.saved: list[str] = []
        self.results: dict[int, dict[str, Any]] = {}

    @cached_property
    def tree(self) -> Tree:
        found: Tree = self.store.categories.tree()
        return found

    def save(self, rows: list[Any]) -> list[dict[str, Any]]:
        """What becomes of each row.

        Where somebody else changes a product meanwhile, its row is merged anew
        into what they have made of it; and refused when they do so all the time.
        """
        left = self.distinct(rows)
        for _ in range(TRIES):
            left = self.save_once(left) if left else {}
        for number, row in left.items():
            self.refuse(number, row, errors.stale())
        return [self.results[number] for number in range(len(rows))]

    def distinct(self, rows: list[Any]) -> dict[int, Any]:
        """The first row of each sku; a second one is refused."""
        seen: set[str] = set()
        found = {}
        for number, row in enumerate(rows):
            sku = sku_of(row)
            if sku is not None and sku in seen:
                self.refuse(number, row, errors.sku_repeated(sku))
            else:
                found[number] = row
                seen |= {sku} if sku else set()
        return found

    def save_once(self, rows: dict[int, Any]) -> dict[int, Any]:
        """Save them; those that are left have met somebody else's change."""
        skus = [sku for sku in map(sku_of, rows.values()) if sku]
        known = self.store.products.of_skus(self.seller_id, skus)
        due: dict[int, tuple[Product, int]] = {}
        for number, product, seen in self.prepared(rows, known):
            if product.events:
                due[number] = product, seen
            else:
                self.results[number] = result(product, KEPT)
        done = self.store.products.save_all(due.values()) if due else set()
        self.saved += [product.id for product, _ in due.values()]
        for number, (product, seen) in due.items():
            if product.id in done:
                self.results[number] = result(product, KEPT if seen else CREATED)
        return {n: rows[n] for n, (product, _) in due.items() if product.id not in done}

    def prepared(
        self, rows: dict[int, Any], known: dict[str, Product]
    ) -> Iterable[tuple[int, Product, int]]:
        """Products as they shall be, and the versions at which they were seen."""
        for position, (number, row) in enumerate(rows.items(), 1):
            if position % ROWS_AT_A_TIME == 0:
                time.sleep(0)
            product = known.get(sku_of(row) or "")
            seen = product.version if product else 0
            try:
                yield number, self.described(row, product), seen
            except Refusal as refusal:
                self.refuse(number, row, refusal)

    def described(self, row: Any, product: Product | None) -> Product:
        if product is None:
            product = offered(row, new_id(), self.seller_id, self.now)
            product.offer(self.tree.path(product.category))
        else:
            fields = changed_by_row(product, row)
            product.become(fields, self.tree.path(fields["category"]), self.now)
        return product

    def refuse(self, number: int, row: Any, refusal: Refusal) -> None:
        invalid, sku = isinstance(refusal, Invalid), sku_of(row)
        wrong = {legible(name): why for name, why in refusal.details.items()}
        self.results[number] = {
            "sku": sku and legible(sku),
            "status": INVALID if invalid else CONFLICT,
            "code": refusal.code,
            "detail": refusal.message,
            **({"errors": wrong} if invalid else {}),
        }


def sku_of(row: Any) -> str | None:
    sku = row.get("sku") if isinstance(row, dict) else None
    return sku if isinstance(sku, str) else None


def legible(text: str) -> str:
    """What a client wrote, as any store can keep it."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def result(product: Product, status: int) -> dict[str, Any]:
    return {
        "sku": product.sku,
        "status": status,
        "product_id": product.id,
        "version": product.version,
    }
