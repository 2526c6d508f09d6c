"""``/v1/products`` and ``/v1/categories``: the catalogue and its stock."""

from typing import Any

from common.wire import ServiceRpc
from gateway.http import Answer, http, replayed
from gateway.preconditions import seen_version
from gateway.request import Request

CACHE_SECONDS = 2


class ProductResource:
    products = ServiceRpc("product_service")

    @http(
        "GET",
        "/v1/categories",
        gives="[product_service.CategoryView]",
        cache_seconds=60,
    )
    def list_categories(self, request: Request) -> dict[str, Any]:
        """List the categories."""
        return self.products.list_categories()

    @http(
        "GET",
        "/v1/products",
        query="product_service.ProductQueryDraft",
        gives="[product_service.ProductView]",
        cache_seconds=CACHE_SECONDS,
        value="low",
    )
    def list_products(self, request: Request) -> dict[str, Any]:
        """Search and browse what is for sale."""
        return self.products.list_products(query=request.query)

    @http(
        "POST",
        "/v1/products",
        takes="product_service.ProductDraft",
        gives="product_service.ProductView",
        status=201,
        keyable=True,
    )
    def create_product(self, request: Request) -> Answer:
        """Offer a product."""
        offered = self.products.create_product(
            draft=request.document,
            **request.optional_key,
        )
        product = offered["product"]
        location = {"Location": f"/v1/products/{product['id']}"}
        return Answer(product, headers=location | replayed(offered))

    @http(
        "GET",
        "/v1/products/<id:product_id>",
        gives="product_service.ProductView",
        cache_seconds=CACHE_SECONDS,
    )
    def get_product(self, request: Request, product_id: str) -> Any:
        """Read one product; a seller also reads their own, whatever their status."""
        product = self.products.get_product(product_id=product_id)
        if request.visitor is None:
            return product
        return Answer(product, headers={"Cache-Control": "private, no-store"})

    @http(
        "PATCH",
        "/v1/products/<id:product_id>",
        takes="product_service.ProductPatch",
        gives="product_service.ProductView",
        guards=True,
    )
    def change_product(self, request: Request, product_id: str) -> dict[str, Any]:
        """Change a product of yours, by a JSON merge patch."""
        return self.products.change_product(
            product_id=product_id,
            draft=request.document,
            version=seen_version(request),
        )

    @http("DELETE", "/v1/products/<id:product_id>", status=204)
    def archive_product(self, request: Request, product_id: str) -> None:
        """Archive a product of yours, for good.

        It is gone from the shop; you can still read it, and its sku is free.
        """
        self.products.archive_product(product_id=product_id)

    @http(
        "POST",
        "/v1/products/batch",
        takes="product_service.BatchDraft",
        gives="product_service.BatchView",
        keyable=True,
        feature="product_batches",
    )
    def import_products(self, request: Request) -> Answer:
        """Create and change up to 500 products of yours.

        Rows name products by their sku: what you have not is created, what you
        have is changed as by a merge patch.  Each row has its own result, and one
        that is refused does not hurt the others.
        """
        imported = self.products.import_products(
            draft=request.document, **request.optional_key
        )
        return Answer(imported["batch"], headers=replayed(imported))

    @http(
        "GET",
        "/v1/products/<id:product_id>/reviews",
        query="common.PageDraft",
        gives="[product_service.ReviewView]",
        cache_seconds=CACHE_SECONDS,
        feature="reviews",
    )
    def list_reviews(self, request: Request, product_id: str) -> dict[str, Any]:
        """Read what buyers say of a product, the newest first."""
        return self.products.list_reviews(product_id=product_id, query=request.query)

    @http(
        "POST",
        "/v1/products/<id:product_id>/reviews",
        takes="product_service.ReviewDraft",
        gives="product_service.ReviewView",
        status=201,
        keyable=True,
        feature="reviews",
    )
    def add_review(self, request: Request, product_id: str) -> Answer:
        """Say what you think of what you have bought; once of each product."""
        added = self.products.add_review(
            product_id=product_id, draft=request.document, **request.optional_key
        )
        location = {"Location": f"/v1/products/{product_id}/reviews"}
        return Answer(added["review"], headers=location | replayed(added))

    @http(
        "GET",
        "/v1/products/<id:product_id>/inventory",
        gives="product_service.LevelView",
    )
    def get_inventory(self, request: Request, product_id: str) -> dict[str, Any]:
        """Read what is on the shelf of your own product."""
        return self.products.get_inventory(product_id=product_id)

    @http(
        "POST",
        "/v1/products/<id:product_id>/inventory/adjustments",
        takes="product_service.AdjustmentDraft",
        gives="product_service.AdjustedView",
        status=201,
        keyed=True,
    )
    def adjust_inventory(self, request: Request, product_id: str) -> Answer:
        """Put pieces on the shelf, or take them off."""
        adjusted = self.products.adjust_inventory(
            product_id=product_id,
            draft=request.document,
            key=request.idempotency_key,
            fingerprint=request.fingerprint,
        )
        return Answer(adjusted["level"], headers=replayed(adjusted))
