"""``/v1/orders``: customers place and read orders."""

from typing import Any

from common.wire import ServiceRpc
from gateway.http import Answer, http, replayed
from gateway.request import Request


class OrderResource:
    orders = ServiceRpc("order_service")

    @http(
        "POST",
        "/v1/orders",
        takes="order_service.OrderDraft",
        gives="order_service.OrderView",
        status=201,
        keyed=True,
        value="high",
    )
    def place_order(self, request: Request) -> Answer:
        """Order the given items, or the cart; 202 while a step is running."""
        placed = self.orders.place_order(
            draft=request.document,
            key=request.idempotency_key,
            fingerprint=request.fingerprint,
        )
        order = placed["order"]
        location = {"Location": f"/v1/orders/{order['id']}"}
        status = 202 if order["status"] == "pending" else 201
        return Answer(order, status, location | replayed(placed))

    @http(
        "GET",
        "/v1/orders",
        query="order_service.OrderQueryDraft",
        gives="[order_service.OrderView]",
        value="high",
    )
    def list_orders(self, request: Request) -> dict[str, Any]:
        """List your orders, the newest first."""
        return self.orders.list_orders(query=request.query)

    @http(
        "GET",
        "/v1/orders/<id:order_id>",
        gives="order_service.OrderView",
        value="high",
    )
    def get_order(self, request: Request, order_id: str) -> dict[str, Any]:
        """Read one of your orders."""
        return self.orders.get_order(order_id=order_id)
