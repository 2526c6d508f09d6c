"""``/v1/sellers``: shops in the marketplace."""

from typing import Any

from common.wire import ServiceRpc
from gateway.http import Answer, http, replayed
from gateway.preconditions import seen_version
from gateway.request import Request


class SellerResource:
    products = ServiceRpc("product_service")

    @http(
        "POST",
        "/v1/sellers",
        takes="product_service.SellerDraft",
        gives="product_service.SellerView",
        status=201,
        keyable=True,
    )
    def register_seller(self, request: Request) -> Answer:
        """Open a shop; it sells once an admin has made it active."""
        opened = self.products.register_seller(
            draft=request.document, **request.optional_key
        )
        seller = opened["seller"]
        location = {"Location": f"/v1/sellers/{seller['id']}"}
        return Answer(seller, headers=location | replayed(opened))

    @http(
        "GET",
        "/v1/sellers",
        query="common.PageDraft",
        gives="[product_service.SellerView]",
        cache_seconds=5,
        value="low",
    )
    def list_sellers(self, request: Request) -> dict[str, Any]:
        """List the shops that sell."""
        return self.products.list_sellers(query=request.query)

    @http(
        "GET",
        "/v1/sellers/<id:seller_id>",
        gives="product_service.SellerView",
        cache_seconds=5,
    )
    def get_seller(self, request: Request, seller_id: str) -> dict[str, Any]:
        """Read one shop."""
        return self.products.get_seller(seller_id=seller_id)

    @http(
        "PATCH",
        "/v1/sellers/<id:seller_id>",
        takes="product_service.SellerStatusDraft",
        gives="product_service.SellerView",
        guards=True,
    )
    def change_seller_status(self, request: Request, seller_id: str) -> dict[str, Any]:
        """Make a shop active, or suspend it."""
        return self.products.change_seller_status(
            seller_id=seller_id,
            draft=request.document,
            version=seen_version(request),
        )
