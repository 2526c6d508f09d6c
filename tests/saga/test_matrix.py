"""Whichever step of a checkout fails, and however, the order ends and all agree."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import urllib3

from common.ids import new_id
from tests.client import Client, eventually
from tests.saga.books import (
    GIVEN_BACK,
    KEPT,
    PAID,
    SOLD,
    STOCK,
    UNPAID,
    Books,
)
from tests.saga.cases import CASES

# It takes a third of that on a machine with nothing else to do.
SECONDS = 180
# There is an order by now, whatever becomes of it.
TAKEN = (201, 202, 402)
ENDS = {
    "forward": (PAID, SOLD),
    "declined": (UNPAID, KEPT),
    "taken": (GIVEN_BACK, KEPT),
}


class Run:
    """One order of each case, and what has become of them."""

    def __init__(self, shop, faults):
        self.shop, self.faults, self.books = shop, faults, Books(shop)
        self.products = {case: shop.product(case.sku, STOCK) for case in CASES}
        self.customer = Client(shop.url).signed_up()

    def happened(self, case):
        return (self.faults / case.sku).exists()

    def place(self, case):
        """As a good client does: again, under the same key, until it is taken."""
        key, wanted = new_id(), {self.products[case]: 1}
        for _ in range(SECONDS):
            with suppress(urllib3.exceptions.HTTPError):
                placed = self.customer.place(wanted, key, case.token)
                if placed.status in TAKEN or "progress" in placed.raw.decode():
                    return
            time.sleep(1)  # as Retry-After says

    @property
    def orders(self):
        """By the product that was ordered."""
        listed = self.customer.get("/v1/orders?limit=100").body
        return {one["items"][0]["product_id"]: one for one in listed.get("items", [])}

    def outcome(self, case):
        """None while there is nobody to ask: whom we ask may be being killed."""
        order = self.orders.get(self.products[case])
        return order and (order["status"], self.books.of(order["id"]), self.shelf(case))

    def shelf(self, case):
        return self.shop.shelf(self.products[case])


@pytest.fixture(scope="module")
def run(shop, faults):
    """All cases side by side, some of them among those that kill a process."""
    run = Run(shop, faults)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(run.place, CASES))
    return run


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sku)
def test_it_ends_and_all_agree(run, case):
    eventually(lambda: run.happened(case), True, SECONDS)

    paid, shelf = ENDS[case.way]
    eventually(lambda: run.outcome(case), (case.end, paid, shelf), SECONDS)
