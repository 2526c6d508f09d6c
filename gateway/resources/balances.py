"""``/v1/sellers/{seller_id}/balance``: what a shop is owed."""

from typing import Any

from common.wire import ServiceRpc
from gateway.http import http
from gateway.request import Request


class BalanceResource:
    orders = ServiceRpc("order_service")

    @http(
        "GET",
        "/v1/sellers/<id:seller_id>/balance",
        gives="order_service.BalanceView",
        value="low",
    )
    def get_seller_balance(self, request: Request, seller_id: str) -> dict[str, Any]:
        """See what your shop has sold, was charged and paid, and is owed."""
        return self.orders.get_seller_balance(seller_id=seller_id)
