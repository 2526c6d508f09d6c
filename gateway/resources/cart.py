"""``/v1/cart``: what a customer, or a guest, means to buy."""

from common.wire import ServiceRpc
from gateway.guests import forgotten, guest_of, kept
from gateway.http import Answer, http
from gateway.request import Request


class CartResource:
    orders = ServiceRpc("order_service")

    @http(
        "GET",
        "/v1/cart",
        gives="order_service.CartView",
        value="high",
    )
    def get_cart(self, request: Request) -> Answer:
        """Read the cart at the prices of this moment.

        Each line says what has changed since it was put there. What a customer
        brings along as a guest goes into their own cart.
        """
        cart = self.orders.get_cart(guest=guest_of(request))
        return Answer(cart, headers=taken_over(request))

    @http("DELETE", "/v1/cart", status=204, value="high")
    def clear_cart(self, request: Request) -> Answer:
        """Empty the cart."""
        self.orders.clear_cart(guest=guest_of(request))
        return Answer(None, headers=taken_over(request))

    @http(
        "PUT",
        "/v1/cart/items/<id:product_id>",
        takes="order_service.QuantityDraft",
        gives="order_service.CartView",
        value="high",
    )
    def put_in_cart(self, request: Request, product_id: str) -> Answer:
        """Have this many pieces of a product in the cart.

        A guest is answered a `Cart-Token`, and a cookie with the same: with
        either, they find their cart again for 30 days.
        """
        put = self.orders.put_in_cart(
            product_id=product_id,
            draft=request.document,
            guest=guest_of(request),
        )
        return Answer(put["cart"], headers=kept(put["guest"]) or taken_over(request))

    @http(
        "DELETE",
        "/v1/cart/items/<id:product_id>",
        status=204,
        value="high",
    )
    def remove_from_cart(self, request: Request, product_id: str) -> Answer:
        """Take a product out of the cart."""
        self.orders.remove_from_cart(product_id=product_id, guest=guest_of(request))
        return Answer(None, headers=taken_over(request))


def taken_over(request: Request) -> dict[str, str]:
    """A customer has the guest's cart in their own now."""
    return forgotten(request) if request.visitor else {}
