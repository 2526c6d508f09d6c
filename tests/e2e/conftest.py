"""Who takes part in the journeys, and what is to be right when they are over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.ids import new_id
from tests.client import Client


@pytest.fixture(scope="session", autouse=True)
def everywhere(stack):
    """There is a stack behind each of these tests, so behind the last one, too."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Iterator[None]:
    """Whatever these tests did, and in whichever order: in the end all adds up."""
    here = Path(__file__).parent
    is_last = nextitem is None or here not in nextitem.path.parents
    stack = getattr(item, "funcargs", {}).get("stack")
    audited = stack.shopnow("audit", "--fix-report") if is_last and stack else None
    yield
    assert audited is None or audited.returncode == 0, audited.stdout


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
