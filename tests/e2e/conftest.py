"""Who takes part in the journeys."""

import pytest

from common.ids import new_id
from tests.client import Client


@pytest.fixture(scope="session")
def stranger(stack):
    return Client(stack.url)


@pytest.fixture(scope="session")
def demo(stack, stranger):
    """``demo("admin")``: somebody of the demo accounts, signed in."""

    def sign_in(role):
        account = next(a for a in stack.demo_accounts if role in a["roles"])
        return stranger.signed_in(account["email"], account["password"])

    return sign_in


@pytest.fixture(scope="session")
def admin(demo):
    return demo("admin")


@pytest.fixture(scope="session")
def seller(demo):
    return demo("seller")


@pytest.fixture(scope="session")
def customer(stranger):
    return stranger.signed_up()


@pytest.fixture
def newcomer(stranger):
    return stranger.signed_up()


@pytest.fixture
def product(seller):
    """``product(stock=3)``: a new product of the demo seller, its id."""

    def make(stock=0, **changes):
        draft = {
            "sku": f"TEST-{new_id()}",
            "title": "Test mug",
            "description": "For tests.",
            "category": seller.get("/v1/categories").body["items"][0]["slug"],
            "price": {"amount": 450, "currency": "GBP"},
            "status": "active",
        }
        made = seller.post("/v1/products", draft | changes)
        assert made.status == 201, made.raw
        if stock:
            put_on_shelf(seller, made.body["id"], stock)
        return made.body["id"]

    return make


def put_on_shelf(seller, product_id, pieces):
    adjusted = seller.post(
        f"/v1/products/{product_id}/inventory/adjustments",
        {"delta": pieces, "reason": "delivery"},
        Idempotency_Key=new_id(),
    )
    assert adjusted.status == 201, adjusted.raw
