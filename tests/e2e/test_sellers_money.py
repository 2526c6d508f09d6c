"""A seller's money over HTTP: what is sold, given back, paid out, and owed."""

import json
from typing import Any

import pytest

from tests.e2e.recipes import for_sale, shop


class Till:
    """A shop of its own, and what happens to its money."""

    def __init__(self, cast: Any) -> None:
        self.cast, self.seller = cast, cast.another("seller")
        self.shop_id = shop(cast, self.seller)
        self.product_id = for_sale(cast, self.seller)
        self.customer = cast.another("customer").client

    def sell(self, quantity: int = 2) -> str:
        placed = self.customer.place({self.product_id: quantity})
        assert placed.status == 201, placed.raw
        return str(placed.body["id"])

    def give_back(self, order_id: str, pence: int) -> None:
        draft = {"amount": {"amount": pence, "currency": "GBP"}, "reason": "Broken"}
        path = f"/v1/orders/{order_id}/refunds"
        made = self.cast["support"].client.post(path, draft)
        assert (made.status, made.body["status"]) == (201, "done"), made.raw

    def cancel(self, order_id: str) -> None:
        path = f"/v1/orders/{order_id}/cancellation"
        assert self.customer.post(path, {"reason": "No"}).status == 201

    def pay_out(self, stack: Any) -> int:
        """What this shop gets of a batch."""
        done = stack.shopnow("payouts", "run", "--json")
        assert done.returncode == 0, done.stdout
        batch = json.loads(done.stdout.splitlines()[-1])["batch"] or {"payouts": []}
        return sum(
            payout["amount"]["amount"]
            for payout in batch["payouts"]
            if payout["seller_id"] == self.shop_id
        )

    @property
    def balance(self) -> tuple[int, ...]:
        """Sales, commission, refunds, what was paid out, and what is owed."""
        answer = self.seller.client.get(f"/v1/sellers/{self.shop_id}/balance")
        assert answer.status == 200, answer.raw
        assert answer.headers["Cache-Control"] == "private, no-store"
        found = answer.body
        assert found.pop("currency") == "GBP"
        assert {money["currency"] for money in found.values()} == {"GBP"}
        names = ("sales", "commission", "refunds", "paid_out", "payable")
        return tuple(found[name]["amount"] for name in names)


@pytest.fixture
def till(cast):
    return Till(cast)


def test_a_shop_that_has_sold_nothing_is_owed_nothing(till):
    assert till.balance == (0, 0, 0, 0, 0)


def test_a_sale_is_owed_but_for_the_commission(till):
    till.sell(2)

    assert till.balance == (900, 90, 0, 0, 810)


def test_what_goes_back_is_borne_by_seller_and_commission(till):
    order_id = till.sell(2)

    till.give_back(order_id, 450)

    assert till.balance == (900, 45, 450, 0, 405)


def test_a_cancelled_order_leaves_nothing(till):
    till.cancel(till.sell(2))

    assert till.balance == (900, 0, 900, 0, 0)


def test_what_was_paid_out_and_went_back_is_off_the_next_payout(till, stack):
    order_id = till.sell(2)
    assert till.pay_out(stack) == 810
    assert till.balance == (900, 90, 0, 810, 0)

    till.give_back(order_id, 900)
    assert till.balance == (900, 0, 900, 810, -810)
    assert till.pay_out(stack) == 0

    till.sell(3)
    assert till.pay_out(stack) == 3 * 450 - 135 - 810
    assert till.pay_out(stack) == 0


def test_a_rule_holds_for_what_is_sold_after_it(till, stack):
    till.sell(1)
    done = stack.shopnow("commissions", "set", "20", "--seller", till.shop_id)
    assert done.returncode == 0, done.stdout
    till.sell(1)

    assert till.balance == (900, 45 + 90, 0, 0, 765)


def test_another_shops_balance_is_not_there(till, cast):
    path = f"/v1/sellers/{till.shop_id}/balance"

    told = cast["seller B"].client.get(path)

    assert (told.status, told.body["code"]) == (404, "seller_not_found")
