"""What the payment providers have in their own ledgers, in the order of our orders."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from heapq import merge
from operator import itemgetter
from typing import Any

import stripe

from ops.audit.stores import View
from ops.errors import Problem

Charged = tuple[str, "Charge"]


@dataclass(frozen=True)
class Charge:
    """``voided`` is one of which nothing was taken, and never will be."""

    id: str
    amount: int
    currency: str
    captured: int
    refunded: int
    voided: bool

    @property
    def held(self) -> int:
        """Of the customer's money, for us."""
        if self.voided:
            return 0
        return self.captured - self.refunded if self.captured else self.amount


def charged(view: View) -> Iterator[Charged]:
    """The charges, each after the id of its order."""
    streams = [of_sandbox(view)]
    if is_asked(view):
        streams.append(StripeLedger(view.settings).charges())
    return merge(*streams, key=itemgetter(0))


def is_asked(view: View) -> bool:
    [known] = view.rows("orders", "SELECT count(*) AS here " + STRIPES)
    return view.settings.get("PAYMENT_PROVIDER") == "stripe" or known["here"] > 0


def of_sandbox(view: View) -> Iterator[Charged]:
    for row in view.rows("orders", SANDBOX):
        yield row["order_id"], Charge(**{name: row[name] for name in NAMES})


class StripeLedger:
    """An account at Stripe; what in it is not of an order is none of our business."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        if not (key := settings.get("STRIPE_API_KEY")):
            raise Problem("orders were paid through Stripe: STRIPE_API_KEY is not set")
        base = settings.get("STRIPE_API_BASE")
        places: Any = {"api": base} if base else {}
        self.client = stripe.StripeClient(
            key, base_addresses=places, max_network_retries=3
        )

    def charges(self) -> Iterator[Charged]:
        # A file without a name: Stripe has another order, and knows of no other.
        with closing(sqlite3.connect("")) as book:
            book.execute(f"CREATE TABLE intent (order_id, {', '.join(NAMES)})")
            book.execute("CREATE TABLE refund (intent, amount)")
            book.executemany(INTENT, self.intents())
            book.executemany("INSERT INTO refund VALUES (?, ?)", self.refunds())
            book.execute("CREATE INDEX refunds ON refund (intent)")
            for order_id, *fields in book.execute(BOOK):
                yield order_id, Charge(*fields)

    def intents(self) -> Iterator[tuple[Any, ...]]:
        listed = self.client.v1.payment_intents.list({"limit": 100})
        for each in listed.auto_paging_iter():
            if "order_id" in (each.metadata or {}):
                yield each.metadata["order_id"], *facts(each)

    def refunds(self) -> Iterator[tuple[Any, int]]:
        for each in self.client.v1.refunds.list({"limit": 100}).auto_paging_iter():
            if each.status in ("succeeded", "pending"):
                yield each.payment_intent, each.amount


def facts(intent: Any) -> tuple[Any, ...]:
    is_taken, is_held = intent.status == "succeeded", intent.status == HELD
    # A server that does not tell what it took has taken all.
    captured = getattr(intent, "amount_received", intent.amount) if is_taken else 0
    voided = not (is_taken or is_held)
    return intent.id, intent.amount, intent.currency.upper(), captured, 0, voided


HELD = "requires_capture"
NAMES = ("id", "amount", "currency", "captured", "refunded", "voided")
INTENT = "INSERT INTO intent VALUES (?, ?, ?, ?, ?, ?, ?)"
BOOK = """
SELECT order_id, id, amount, currency, captured, (
    SELECT coalesce(sum(refund.amount), 0) FROM refund WHERE refund.intent = intent.id
), voided
FROM intent ORDER BY order_id
"""
STRIPES = "FROM payments WHERE provider = 'stripe'"
SANDBOX = """
SELECT order_id, id, amount_minor AS amount, currency, captured_minor AS captured,
    refunded_minor AS refunded, voided
FROM sandbox_charges ORDER BY order_id COLLATE "C"
"""
