"""Entrypoints of product_service for what sellers offer and others look at."""

from typing import Any

from common.ids import new_id
from common.pages import encode
from common.schemas import parse, show
from common.wire import rpc
from product_service.batches import Batch
from product_service.domain.product import Product
from product_service.drafts import changed, offered
from product_service.schemas import (
    BatchDraft,
    CategoryView,
    ProductQueryDraft,
    ProductView,
    QuoteView,
)
from product_service.storage.keys import claimed


class OfferEntrypoints:
    store: Any
    changes: Any
    identity: Any
    clock: Any
    seller_id: Any

    @rpc
    def list_categories(self) -> dict[str, Any]:
        found = self.store.categories.all()
        return {"items": show(CategoryView, found, many=True)}

    @rpc
    def create_product(
        self, draft: dict, key: str | None = None, fingerprint: str | None = None
    ) -> dict[str, Any]:
        """``{"product": ..., "replayed": bool}``; once per ``key`` of a seller."""
        seller_id, now = self.seller_id, self.clock.now()
        product = offered(draft, new_id(), seller_id, now)
        answer, replayed = self.store.keys.once(
            claimed({"seller_id": seller_id}, key, fingerprint, now),
            lambda session: self.offer(product, session),
        )
        self.follow_shop(seller_id)
        self.tell([answer["id"]])
        return {"product": answer, "replayed": replayed}

    def offer(self, product: Product, session: Any) -> dict[str, Any]:
        self.store.sellers.find(product.seller_id).must_be_active()
        product.offer(self.store.categories.tree().path(product.category))
        self.store.products.add(product, session)
        return show(ProductView, product)

    @rpc
    def change_product(
        self, product_id: str, draft: dict, version: int
    ) -> dict[str, Any]:
        """Merge ``draft`` into the product; refused as stale unless at ``version``."""
        product = self.store.products.own(product_id, self.seller_id)
        product.must_be_at(version)
        fields = changed(product, draft)
        path = self.store.categories.tree().path(fields["category"])
        product.become(fields, path, self.clock.now())
        if product.events:
            self.store.products.save(product, version)
            self.tell([product_id])
        return show(ProductView, product)

    @rpc
    def archive_product(self, product_id: str) -> None:
        self.store.products.archive(product_id, self.seller_id, self.clock.now())
        self.tell([product_id])

    @rpc
    def import_products(
        self, draft: dict, key: str | None = None, fingerprint: str | None = None
    ) -> dict[str, Any]:
        """``{"batch": ..., "replayed": bool}``; a row that fails hurts no other.

        The rows are saved before the key is: sent again in between, they find
        themselves there and change nothing.
        """
        seller_id, now = self.seller_id, self.clock.now()
        rows = parse(BatchDraft, draft)["items"]
        self.store.sellers.find(seller_id).must_be_active()
        claim = claimed({"seller_id": seller_id}, key, fingerprint, now)
        if known := self.store.keys.answered(claim):
            return {"batch": known, "replayed": True}
        batch = Batch(self.store, seller_id, now)
        answer = {"items": batch.save(rows)}
        self.follow_shop(seller_id)
        self.tell(batch.saved)
        answer, replayed = self.store.keys.once(claim, lambda _: answer)
        return {"batch": answer, "replayed": replayed}

    def follow_shop(self, seller_id: str) -> None:
        """Who was suspended while we saved sells nothing of it."""
        if not self.store.sellers.find(seller_id).is_active:
            self.store.products.follow_seller(seller_id, False)

    def tell(self, product_ids: Any) -> None:
        """Have caches forget these, and the world hear what was saved of them."""
        self.changes.announce(product_ids)
        self.store.wake()

    @rpc
    def get_product(self, product_id: str) -> dict[str, Any]:
        visitor = self.identity.visitor
        seller_id = visitor.seller_id if visitor else None
        return show(ProductView, self.store.products.find(product_id, seller_id))

    @rpc
    def list_products(self, query: dict) -> dict[str, Any]:
        found = self.store.products.search(parse(ProductQueryDraft, query))
        return {
            "items": show(ProductView, found.products, many=True),
            "next": encode(found.end.written()) if found.end else None,
            **({"facets": found.facets} if found.facets else {}),
        }

    @rpc
    def quote_products(self, product_ids: list[str]) -> list[dict[str, Any]]:
        """What is for sale of ``product_ids``, at the prices of this moment."""
        return show(QuoteView, self.store.products.for_sale(product_ids), many=True)
