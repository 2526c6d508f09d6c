"""Who moves the money: the port, recorded, and one adapter for each provider."""

from order_service.payments.provider import SPARE_SECONDS, Payments

__all__ = ["SPARE_SECONDS", "Payments"]
