"""``/v1/cart``: what a customer means to buy."""

from typing import Any

from common.wire import ServiceRpc
from gateway.http import http
from gateway.request import Request


class CartResource:
    orders = ServiceRpc("order_service")

    @http(
        "GET",
        "/v1/cart",
        gives="order_service.CartView",
        value="high",
    )
    def get_cart(self, request: Request) -> dict[str, Any]:
        """Read the cart at the prices of this moment."""
        return self.orders.get_cart()

    @http("DELETE", "/v1/cart", status=204, value="high")
    def clear_cart(self, request: Request) -> None:
        """Empty the cart."""
        self.orders.clear_cart()

    @http(
        "PUT",
        "/v1/cart/items/<id:product_id>",
        takes="order_service.QuantityDraft",
        gives="order_service.CartView",
        value="high",
    )
    def put_in_cart(self, request: Request, product_id: str) -> dict[str, Any]:
        """Have this many pieces of a product in the cart."""
        return self.orders.put_in_cart(
            product_id=product_id,
            draft=request.document,
        )

    @http(
        "DELETE",
        "/v1/cart/items/<id:product_id>",
        status=204,
        value="high",
    )
    def remove_from_cart(self, request: Request, product_id: str) -> None:
        """Take a product out of the cart."""
        self.orders.remove_from_cart(product_id=product_id)
