"""Payments through Stripe: an intent per order, authorised first and captured later.

The intent is made without the card, so that whoever wants to undo a payment whose
answer was lost makes the same one again, under the same key, and cancels it.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import requests
import stripe

from common.errors import Conflict
from common.money import Money
from order_service.domain import errors
from order_service.domain.payment import (
    Event,
    Kind,
    Operation,
    Outcome,
    Payment,
    Undone,
)
from order_service.payments.keys import operation

log = logging.getLogger(__name__)

# What a request that Stripe cannot serve right now ends in; all else is for good.
AWAY = (
    stripe.APIConnectionError,
    stripe.APIError,
    stripe.AuthenticationError,
    stripe.IdempotencyError,
    stripe.PermissionError,
    stripe.RateLimitError,
)
TAKEN = "succeeded"
HELD = ("requires_capture", TAKEN)
CANCELLED = "canceled"
# How old what Stripe tells may be; its signature has the time in it.
TOLERANCE_SECONDS = 300


class StripePayments:
    """``order_service.domain.payment.Adapter`` for an account at Stripe.

    ``base`` is where Stripe is, where it is not at its usual place.
    """

    name = "stripe"

    def __init__(
        self,
        key: str,
        base: str | None,
        secret: str,
        seconds: Callable[[], float],
        session: requests.Session | None = None,
    ) -> None:
        self.key, self.secret, self.seconds = key, secret, seconds
        self.places: Any = {"api": base} if base else {}
        self.session = session or requests.Session()

    def authorise(self, payment: Payment, operation: Operation, token: str) -> str:
        intent = self.intent(payment)
        card = {"payment_method": token}
        return self.settled(
            lambda: self.intents.confirm(intent, card, once(operation.key)),
            intent,
            HELD,
        )

    def capture(self, payment: Payment, operation: Operation) -> str:
        intent = self.intent(payment)
        whole = {"amount_to_capture": operation.amount.amount}
        return self.settled(
            lambda: self.intents.capture(intent, whole, once(operation.key)),
            intent,
            (TAKEN,),
        )

    def refund(self, payment: Payment, operation: Operation) -> str:
        wanted = {
            "payment_intent": self.intent(payment),
            "amount": operation.amount.amount,
            "metadata": {"order_id": payment.order_id, "key": operation.key},
        }
        return self.give_back(wanted, operation.key)

    def void(self, payment: Payment, operation: Operation) -> Undone:
        try:
            intent = self.intent(payment)
        except Conflict:
            # Of what Stripe never makes there is nothing to undo.
            return Undone(None)
        try:
            self.ask(lambda: self.intents.cancel(intent, {}, once(operation.key)))
        except stripe.InvalidRequestError:
            status = self.status(intent)
            if status == TAKEN:
                key = f"{payment.order_id}:{Kind.REFUND}"
                whole = {"order_id": payment.order_id, "key": key}
                self.give_back({"payment_intent": intent, "metadata": whole}, key)
                return Undone(intent, refunded=True)
            if status != CANCELLED:
                raise errors.payment_unavailable() from None
        return Undone(intent)

    def intent(self, payment: Payment) -> str:
        """The id of the order's intent, which is made now if there is none.

        Declined is what Stripe makes none of, such as an amount that is too small.
        """
        if payment.reference:
            return payment.reference
        wanted = {
            "amount": payment.amount.amount,
            "currency": payment.amount.currency.lower(),
            "capture_method": "manual",
            "payment_method_types": ["card"],
            "metadata": {"order_id": payment.order_id},
        }
        made = once(f"{payment.order_id}:intent")
        try:
            return str(self.ask(lambda: self.intents.create(wanted, made)).id)
        except stripe.InvalidRequestError as refusal:
            reason = refusal.code or "invalid_request"
            log.warning("Stripe: no intent for %s: %s", payment.order_id, reason)
            raise errors.payment_declined(reason) from None

    def settled(
        self, call: Callable[[], Any], intent: str, wanted: tuple[str, ...]
    ) -> str:
        """The intent's id once it has a ``wanted`` status; else it is declined.

        Stripe refuses what has been done before, when it has forgotten its key.
        """
        try:
            status = self.ask(call).status
            reason = "authentication_required"
        except stripe.CardError as refusal:
            raise errors.payment_declined(why(refusal)) from None
        except stripe.InvalidRequestError as refusal:
            status, reason = self.status(intent), refusal.code or "invalid_request"
        if status not in wanted:
            raise errors.payment_declined(reason)
        return intent

    def status(self, intent: str) -> str:
        try:
            return str(self.ask(lambda: self.intents.retrieve(intent)).status)
        except stripe.InvalidRequestError as refusal:
            # It was made, so this is no word on it: the account may be another's.
            log.warning("Stripe: %s cannot be read: %s", intent, refusal.code)
            raise errors.payment_unavailable() from None

    def give_back(self, wanted: Any, key: str) -> str:
        try:
            made = self.ask(lambda: self.client.v1.refunds.create(wanted, once(key)))
        except stripe.InvalidRequestError as refusal:
            reason = refusal.code or "invalid_request"
            raise errors.payment_declined(reason) from None
        return str(made.id)

    def ask(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except (stripe.CardError, stripe.InvalidRequestError):
            raise
        except AWAY as trouble:
            log.warning("Stripe: %s", type(trouble).__name__)
            raise errors.payment_unavailable() from None

    @property
    def client(self) -> stripe.StripeClient:
        transport = stripe.RequestsClient(timeout=self.seconds(), session=self.session)
        return stripe.StripeClient(
            self.key, base_addresses=self.places, http_client=transport
        )

    @property
    def intents(self) -> Any:
        return self.client.v1.payment_intents

    def read(self, payload: str, signature: str) -> Event:
        """What Stripe tells us by itself; raises for what is not from Stripe."""
        try:
            stripe.WebhookSignature.verify_header(
                payload, signature, self.secret, TOLERANCE_SECONDS
            )
            told = json.loads(payload)
            thing = told["data"]["object"]
            return Event(told["id"], told["type"], operation_in(told["type"], thing))
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError):
            raise errors.invalid_signature() from None


def once(key: str) -> Any:
    return {"idempotency_key": key, "max_network_retries": 0}


def why(refusal: stripe.CardError) -> str:
    return str(getattr(refusal.error, "decline_code", None) or refusal.code)


# Which of our operations an event speaks of, how it ended, and what it came to.
TOLD = {
    "payment_intent.amount_capturable_updated": (
        Kind.AUTHORISE,
        Outcome.DONE,
        "amount",
    ),
    "payment_intent.payment_failed": (Kind.AUTHORISE, Outcome.DECLINED, "amount"),
    "payment_intent.succeeded": (Kind.CAPTURE, Outcome.DONE, "amount_received"),
    "payment_intent.canceled": (Kind.VOID, Outcome.DONE, None),
}


def operation_in(told: str, thing: dict[str, Any]) -> Operation | None:
    """None for what is no news of an order."""
    metadata = thing.get("metadata") or {}
    order_id, key = metadata.get("order_id"), metadata.get("key")
    if order_id and key and told.startswith("refund.") and thing["status"] == TAKEN:
        refund = Operation(key, order_id, Kind.REFUND, money(thing, "amount"))
        return replace(refund, outcome=Outcome.DONE, reference=thing["id"])
    if not order_id or told not in TOLD:
        return None
    kind, outcome, field = TOLD[told]
    return replace(
        operation(order_id, kind, money(thing, field)),
        outcome=outcome,
        reference=thing["id"],
        reason="card_declined" if outcome is Outcome.DECLINED else None,
    )


def money(thing: dict[str, Any], field: str | None) -> Money:
    # A server that does not tell what it took has taken all.
    amount = thing.get(field, thing["amount"]) if field else 0
    return Money(amount, thing["currency"].upper())
