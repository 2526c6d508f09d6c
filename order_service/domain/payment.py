"""The port to whoever moves the money, and what a customer pays with."""

from enum import StrEnum
from typing import Protocol

from common.money import Money


class Outcome(StrEnum):
    """What became of a charge at the provider."""

    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"
    FAILED = "failed"
    SILENT = "silent"


class PaymentProvider(Protocol):
    """Both verbs are idempotent by order id, and either may be retried."""

    def charge(self, order_id: str, amount: Money, token: str) -> None:
        """Take the money; raises ``payment_declined`` or ``payment_unavailable``."""

    def void(self, order_id: str) -> None:
        """Undo the charge of an order, also one still under way."""


REASONS = {
    "tok_declined": "card_declined",
    "tok_insufficient_funds": "insufficient_funds",
}


def sandbox_outcome(token: str, attempt: int) -> Outcome:
    """How the sandbox answers the ``attempt``-th charge with ``token``."""
    if token == "tok_visa" or (token == "tok_flaky" and attempt > 1):  # noqa: S105
        return Outcome.CAPTURED
    return {"tok_flaky": Outcome.FAILED, "tok_timeout": Outcome.SILENT}.get(
        token, Outcome.DECLINED
    )


def decline_reason(token: str) -> str:
    return REASONS.get(token, "unknown_token")
