"""A shop whose order_service is run by the test, and whose books add up in the end."""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import pytest

from tests.client import Client, eventually
from tests.e2e.conftest import put_on_shelf
from tests.private_stack import PrivateStack, own_place, sweep
from tests.saga.processes import Processes

UNHURRIED = {"READ_SECONDS": "5", "WRITE_SECONDS": "10"}


class Shop(PrivateStack):
    @cached_property
    def seller(self):
        account = next(a for a in self.demo_accounts if "seller" in a["roles"])
        return Client(self.url).signed_in(account["email"], account["password"])

    @cached_property
    def customer(self):
        return Client(self.url).signed_up()

    @cached_property
    def category(self):
        return self.seller.get("/v1/categories").body["items"][0]["slug"]

    def product(self, sku, stock):
        draft = {
            "sku": sku,
            "title": "Test mug",
            "description": "For tests.",
            "category": self.category,
            "price": {"amount": 450, "currency": "GBP"},
            "status": "active",
        }
        made = self.seller.post("/v1/products", draft)
        assert made.status == 201, made.raw
        put_on_shelf(self.seller, made.body["id"], stock)
        return made.body["id"]

    def shelf(self, product_id):
        return self.seller.get(f"/v1/products/{product_id}/inventory").body


@pytest.fixture(scope="session")
def faults(tmp_path_factory):
    """A folder of the faults that have happened, by the sku of their orders."""
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="session")
def shop(request, faults):
    sweep()
    place = own_place().with_name(f"{own_place().name}.saga")
    shop = Shop(place, ORDER_SERVICE_PROCESSES="0", **UNHURRIED)
    subject = "tests.saga.subject:OrderService"
    try:
        # A gateway is healthy only once there is somebody to take orders.
        with ThreadPoolExecutor(1) as pool:
            starting = pool.submit(shop.start)
            first_gateway = shop.run_dir / "log/gateway.1.log"
            eventually(lambda: first_gateway.exists() or starting.done(), True, 90)
            with Processes(shop, subject, 4, SAGA_FAULTS=str(faults)):
                starting.result()
                yield shop
                audited = shop.shopnow("audit", "--fix-report")
                assert audited.returncode == 0, audited.stdout
    finally:
        shop.shopnow("stack", "stop")
        if not request.session.testsfailed:
            shop.wipe()
