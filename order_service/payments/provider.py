"""Hands each worker the payment provider that the operator chose."""

from functools import partial
from typing import Any

from nameko.containers import WorkerContext

from common.database import PostgresStore, transaction
from common.deadlines import remaining
from order_service.payments.recording import RecordedPayments
from order_service.payments.sandbox import Sandbox
from order_service.storage.models import OrderBase

PATIENCE_SECONDS = 1.5
# What a worker keeps of its own deadline, to store that it has to wait and say so.
SPARE_SECONDS = 0.5


class Payments(PostgresStore):
    def __init__(self) -> None:
        super().__init__(OrderBase)

    def get_dependency(self, worker_ctx: WorkerContext) -> RecordedPayments:
        own = partial(transaction, super().get_dependency(worker_ctx))
        seconds = partial(patience, worker_ctx.context_data)
        return RecordedPayments(Sandbox(own, seconds), own)


def patience(context: dict[str, Any]) -> float:
    """How long the provider may take to answer, in seconds."""
    most = PATIENCE_SECONDS + SPARE_SECONDS
    return max(0.05, remaining(context, most) - SPARE_SECONDS)
