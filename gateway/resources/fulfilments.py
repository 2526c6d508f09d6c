"""``/v1/fulfilments`` and what a shop sells: its parts of orders, sent one by one."""

from typing import Any

from common.wire import ServiceRpc
from gateway.http import http
from gateway.request import Request


class FulfilmentResource:
    orders = ServiceRpc("order_service")

    @http(
        "PATCH",
        "/v1/fulfilments/<id:fulfilment_id>",
        takes="order_service.FulfilmentPatch",
        gives="order_service.OwnFulfilmentView",
    )
    def change_fulfilment(self, request: Request, fulfilment_id: str) -> dict[str, Any]:
        """Say that your part of an order is shipped, or delivered."""
        return self.orders.change_fulfilment(
            fulfilment_id=fulfilment_id, draft=request.document
        )

    @http(
        "GET",
        "/v1/sellers/<id:seller_id>/orders",
        query="order_service.SoldQueryDraft",
        gives="[order_service.SellerOrderView]",
    )
    def list_seller_orders(self, request: Request, seller_id: str) -> dict[str, Any]:
        """List the orders that your shop has a part in, the newest first."""
        return self.orders.list_seller_orders(seller_id=seller_id, query=request.query)

    @http(
        "GET",
        "/v1/sellers/<id:seller_id>/dashboard",
        query="order_service.DashboardQueryDraft",
        gives="order_service.DashboardView",
        value="low",
    )
    def get_dashboard(self, request: Request, seller_id: str) -> dict[str, Any]:
        """See what your shop has sold, day by day, and what waits to be shipped."""
        return self.orders.get_dashboard(seller_id=seller_id, query=request.query)
