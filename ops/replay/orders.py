"""One invoice, ordered and paid for: what the gateway says was sold."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import sleep
from typing import Any

from ops.replay.accounts import Account
from ops.replay.countries import code_of
from ops.replay.invoices import Invoice, Product
from ops.replay.keys import order_key
from ops.replay.messages import Answer
from ops.replay.refusals import Refused
from ops.replay.session import Session

STANDING = frozenset({"confirmed", "shipped", "delivered"})
FIRST_PAUSE, LONGEST_PAUSE, PATIENCE = 0.1, 1.0, 60.0


@dataclass(frozen=True, slots=True)
class Sale:
    lines: int
    units: int
    pence: int
    products: frozenset[str]
    replayed: bool


def place(
    invoice: Invoice, ids: Mapping[Product, str], buyer: Account, session: Session
) -> Sale:
    body = body_of(invoice, ids, buyer)
    answer = session.post("/v1/orders", body, order_key(invoice)).expect(201, 202)
    order = settled(answer, session)
    if order.get("status") not in STANDING:
        raise not_standing(order)
    return sale_of(order, answer.headers.get("Idempotent-Replayed") == "true")


def body_of(
    invoice: Invoice, ids: Mapping[Product, str], buyer: Account
) -> dict[str, Any]:
    """The same bytes every time: the gateway holds them against the key."""
    return {
        "items": [
            {"product_id": ids[product], "quantity": quantity}
            for product, quantity in invoice.lines.items()
        ],
        "shipping_address": {
            "full_name": buyer.full_name,
            "line1": "1 Replay Street",
            "city": "London",
            "postal_code": "N1 1AA",
            "country": code_of(invoice.country),
        },
        "payment": {"method": "card", "token": "tok_visa"},
    }


def settled(answer: Answer, session: Session) -> dict[str, Any]:
    """Ask after a pending order until it is decided."""
    order, waited, pause = answer.document, 0.0, FIRST_PAUSE
    while order.get("status", "pending") == "pending" and waited < PATIENCE:
        sleep(pause)
        waited, pause = waited + pause, min(2 * pause, LONGEST_PAUSE)
        order = session.get(f"/v1/orders/{answer.field('id')}").expect(200).document
    return order


def not_standing(order: dict[str, Any]) -> Refused:
    status = order.get("status")
    return Refused(0, f"order_{status}", f"order {order.get('id')} is {status}")


def sale_of(order: dict[str, Any], replayed: bool) -> Sale:
    try:
        items = order["items"]
        return Sale(
            lines=len(items),
            units=sum(item["quantity"] for item in items),
            pence=order["total"]["amount"],
            products=frozenset(item["product_id"] for item in items),
            replayed=replayed,
        )
    except (KeyError, TypeError) as exc:
        raise Refused(0, "unreadable_answer", f"order without {exc}") from None
