"""``/v1/payment-events``: what the payment provider tells us by itself."""

from common.wire import ServiceRpc
from gateway.http import http
from gateway.request import Request


class PaymentResource:
    orders = ServiceRpc("order_service")

    @http("POST", "/v1/payment-events", status=204, value="high")
    def take_payment_event(self, request: Request) -> None:
        """For the payment provider alone, which signs what it tells.

        The signature is in `Stripe-Signature`, the body an event as the provider
        writes it. 404 where the provider of this shop tells nothing by itself, as the
        built-in one.
        """
        # The signature is over the body to the byte; what is no text has no good one.
        self.orders.take_payment_event(
            payload=request.body.decode(errors="replace"),
            signature=request.headers.get("stripe-signature", ""),
        )
