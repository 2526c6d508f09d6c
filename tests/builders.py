"""Valid things to start a test from; name only what the test is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from common.ids import new_id
from common.money import Money
from order_service.domain.history import Actor
from order_service.domain.order import Line, Order
from order_service.domain.refund import Refund
from product_service.domain.product import Product
from product_service.domain.seller import Seller
from user_service.domain.address import Address
from user_service.domain.profile import Profile

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

CUSTOMER = new_id()
SELLER = new_id()
TEA = new_id()

ADDRESS = {
    "full_name": "Ada Example",
    "line1": "1 High Street",
    "city": "Leeds",
    "postal_code": "LS1 1AA",
    "country": "GB",
}


def an_event(**data: Any) -> dict[str, Any]:
    """As a handler gets it, as far as it looks."""
    return {"id": new_id(), "data": data}


def pounds(pence: int) -> Money:
    return Money(pence, "GBP")


def a_line(**changes: Any) -> Line:
    fields = {
        "product_id": TEA,
        "seller_id": SELLER,
        "sku": "TEA-1",
        "title": "Tea",
        "quantity": 2,
        "unit_price": pounds(450),
    }
    return Line(**fields | changes)


def an_order(*lines: Line, **changes: Any) -> Order:
    fields = {
        "id": new_id(),
        "number": new_id(),
        "customer_id": CUSTOMER,
        "shipping_address": ADDRESS,
        "payment_token": "tok_visa",
        "from_cart": False,
        "placed_at": NOON,
        "resume_at": NOON + timedelta(seconds=10),
    }
    return Order.place(lines or (a_line(),), iter(new_id, None), **fields | changes)


def a_refund(**changes: Any) -> Refund:
    fields = {
        "id": new_id(),
        "order_id": new_id(),
        "amount": pounds(100),
        "reason": "Broken",
        "requested_by": Actor("support", new_id()),
        "created_at": NOON,
    }
    return Refund(**fields | changes)


def an_order_draft(**changes: Any) -> dict[str, Any]:
    draft = {
        "items": [{"product_id": TEA, "quantity": 2}],
        "shipping_address": ADDRESS,
        "payment": {"method": "card", "token": "tok_visa"},
    }
    return {name: value for name, value in (draft | changes).items() if value}


def a_quote(**changes: Any) -> dict[str, Any]:
    quote = {
        "id": TEA,
        "seller_id": SELLER,
        "sku": "TEA-1",
        "title": "Tea",
        "price": {"amount": 450, "currency": "GBP"},
        "available": 10,
        "categories": ["kitchen"],
    }
    return quote | changes


def a_product(**changes: Any) -> Product:
    fields = {
        "id": new_id(),
        "seller_id": SELLER,
        "sku": "TEA-1",
        "title": "Tea",
        "description": "Black, loose leaf.",
        "category": "kitchen",
        "price": pounds(450),
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Product(**fields | changes)


def a_product_draft(**changes: Any) -> dict[str, Any]:
    draft = {
        "sku": "TEA-1",
        "title": "Tea",
        "description": "Black, loose leaf.",
        "category": "kitchen",
        "price": {"amount": 450, "currency": "GBP"},
        "status": "active",
    }
    return draft | changes


def a_seller(**changes: Any) -> Seller:
    fields = {
        "id": SELLER,
        "user_id": new_id(),
        "name": "Leaf & Co",
        "description": "",
        "created_at": NOON,
    }
    return Seller(**fields | changes)


def a_profile(**changes: Any) -> Profile:
    fields = {
        "id": new_id(),
        "email": "ada@example.com",
        "full_name": "Ada Example",
        "created_at": NOON,
        "opened": True,
    }
    return Profile(**fields | changes)


def an_address(**changes: Any) -> Address:
    return Address(**{"id": new_id()} | ADDRESS | changes)
