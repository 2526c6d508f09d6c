"""``/v1/orders``: customers place, read and cancel orders; support helps."""

from typing import Any

from common.wire import ServiceRpc
from gateway.http import Answer, http, replayed
from gateway.request import Request

# In seconds: as soon as an order that waits is first taken up again.
LOOK_AGAIN = {"Retry-After": "1"}


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
        if order["status"] == "pending":
            return Answer(order, 202, location | replayed(placed) | LOOK_AGAIN)
        return Answer(order, 201, location | replayed(placed))

    @http(
        "GET",
        "/v1/orders",
        query="order_service.OrderQueryDraft",
        gives="[order_service.OrderView]",
        value="high",
    )
    def list_orders(self, request: Request) -> dict[str, Any]:
        """List your orders, the newest first.

        Support lists those of the customer named by `customer_id`.
        """
        return self.orders.list_orders(query=request.query)

    @http(
        "GET",
        "/v1/orders/<id:order_id>",
        gives="order_service.OrderView",
        value="high",
    )
    def get_order(self, request: Request, order_id: str) -> dict[str, Any]:
        """Read one of your orders; support reads anybody's."""
        return self.orders.get_order(order_id=order_id)

    @http(
        "GET",
        "/v1/orders/<id:order_id>/history",
        gives="[order_service.EntryView]",
    )
    def get_order_history(self, request: Request, order_id: str) -> dict[str, Any]:
        """Read who did what to an order, and when; the oldest first."""
        return self.orders.get_order_history(order_id=order_id)

    @http(
        "POST",
        "/v1/orders/<id:order_id>/cancellation",
        takes="order_service.CancellationDraft",
        gives="order_service.OrderView",
        status=201,
        keyable=True,
        value="high",
    )
    def cancel_order(self, request: Request, order_id: str) -> Answer:
        """Cancel an order of which nothing has been shipped yet.

        What was paid goes back, and the stock to the shelf.
        """
        cancelled = self.orders.cancel_order(
            order_id=order_id, draft=request.document, **request.optional_key
        )
        location = {"Location": f"/v1/orders/{order_id}"}
        return Answer(cancelled["order"], headers=location | replayed(cancelled))

    @http(
        "POST",
        "/v1/orders/<id:order_id>/refunds",
        takes="order_service.RefundDraft",
        gives="order_service.RefundView",
        status=201,
        keyable=True,
    )
    def refund_order(self, request: Request, order_id: str) -> Answer:
        """Give back a part of what was paid, or what is left of it.

        `pending` until the payment provider has done it; that goes on by itself.
        """
        made = self.orders.refund_order(
            order_id=order_id, draft=request.document, **request.optional_key
        )
        location = {"Location": f"/v1/orders/{order_id}"}
        return Answer(made["refund"], headers=location | replayed(made))
