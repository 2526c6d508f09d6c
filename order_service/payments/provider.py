"""Hands each worker the payment provider that the operator chose."""

from collections.abc import Callable
from functools import partial
from typing import Any

import requests
from nameko import config
from nameko.containers import WorkerContext

from common.chaos import fault
from common.database import PostgresStore, transaction
from common.deadlines import remaining
from order_service.domain.errors import payment_unavailable
from order_service.domain.payment import Adapter
from order_service.payments.recording import RecordedPayments
from order_service.payments.sandbox import Sandbox
from order_service.payments.stripe import StripePayments
from order_service.storage.models import OrderBase

# As long as the provider may take to answer.
PATIENCE_SECONDS = {"sandbox": 1.5, "stripe": 5.0}
# What a worker keeps of its own deadline, to store that it has to wait and say so.
SPARE_SECONDS = 0.5
LEAST_SECONDS = 0.05


class Payments(PostgresStore):
    """``PAYMENT_PROVIDER`` of the configuration says which: sandbox or stripe."""

    def __init__(self) -> None:
        super().__init__(OrderBase)

    def setup(self) -> None:
        super().setup()
        self.choice = config.get("PAYMENT_PROVIDER") or "sandbox"
        self.most = PATIENCE_SECONDS[self.choice]
        self.session = requests.Session()
        if self.choice == "stripe":
            demand("STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET")

    def get_dependency(self, worker_ctx: WorkerContext) -> RecordedPayments:
        own = partial(transaction, super().get_dependency(worker_ctx))
        seconds = partial(patience, worker_ctx.context_data, self.most)
        return RecordedPayments(
            self.adapter(own, seconds),
            own,
            lambda: fault("payment", payment_unavailable, seconds()),
        )

    def adapter(self, transaction: Any, seconds: Callable[[], float]) -> Adapter:
        if self.choice == "sandbox":
            return Sandbox(transaction, seconds)
        return StripePayments(
            config["STRIPE_API_KEY"],
            config.get("STRIPE_API_BASE") or None,
            config["STRIPE_WEBHOOK_SECRET"],
            seconds,
            self.session,
        )


def demand(*names: str) -> None:
    for name in names:
        if not config.get(name):
            raise ValueError(f"PAYMENT_PROVIDER is stripe, but there is no {name}")


def patience(context: dict[str, Any], most: float) -> float:
    """How long the provider may take to answer, in seconds."""
    left = remaining(context, most + SPARE_SECONDS) - SPARE_SECONDS
    return max(LEAST_SECONDS, left)
