"""The Online Marketplace's transactions, as one of its clients makes them.

Laigner et al., *Online Marketplace: A Benchmark for Data Management in Microservices*
(SIGMOD 2025).  What differs here is said in bench/README.md.
"""

import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Any

import urllib3

from bench.market_prices import Prices
from bench.shopping import Zipf, order_of
from common.ids import new_id

# Of 101, as the authors' driver draws.
SHARES = {
    "customer session": 31,
    "dashboard": 5,
    "price update": 3,
    "product update": 2,
    "delivery": 60,
}
MOST_LINES, MOST_PIECES = 10, 10
TRIES = 3
# Of the checkouts that are sent a second time, under the same key.
TWICE = 0.05
DELIVERED_AT_ONCE = 10
MOST_RAISE = 9
OK, CREATED, ACCEPTED = 200, 201, 202
WAIT_SECONDS = 0.05
MOST_SECONDS = 30.0
PATIENCE_SECONDS = 10.0


@dataclass
class Market:
    """What the clients of one run share."""

    asked: dict[str, Any]
    prices: Prices = field(default_factory=Prices)
    idle: deque[dict[str, str]] = field(default_factory=deque)
    # Of each seller, the parts that are to be sent, the oldest first.
    open: dict[str, deque[str]] = field(default_factory=dict)
    locks: dict[str, threading.Lock] = field(default_factory=dict)
    orders: list[str] = field(default_factory=list)
    # Products and prices of what was ordered, from when to when.
    bought: list[tuple[str, int, float, float]] = field(default_factory=list)
    anomalies: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.idle.extend(self.asked["customers"])
        self.sellers = {each["id"]: each for each in self.asked["sellers"]}
        self.open = {id_: deque() for id_ in self.sellers}
        zipf = 1.0 if self.asked["distribution"] == "zipf" else 0.0
        self.seller = Zipf(list(self.sellers), zipf)
        self.product = {
            id_: Zipf(each["products"], zipf) for id_, each in self.sellers.items()
        }
        every = [p for each in self.sellers.values() for p in each["products"]]
        self.locks = {product: threading.Lock() for product in every}

    def found(self) -> Counter[str]:
        """The anomalies; prices last, when it is known who changed them when."""
        wrong = sum(not self.prices.held(*each) for each in self.bought)
        dear = {"a price that was not the product's": wrong} if wrong else {}
        return Counter(self.anomalies) + Counter(dear)


class Failed(Exception):
    """The answer was not what a transaction needs."""


class Client:
    def __init__(self, market: Market, number: int) -> None:
        self.market = market
        self.random = Random(number)  # noqa: S311 - the same client in every run
        self.pool = urllib3.PoolManager(maxsize=1, retries=False, timeout=MOST_SECONDS)
        self.done: dict[str, list[float]] = {}
        self.aborts: dict[str, int] = {}
        self.nothing_to_deliver = 0

    def work(self, until: float) -> "Client":
        shares = self.market.asked.get("shares", SHARES)
        while monotonic() < until:
            [kind] = self.random.choices(list(shares), list(shares.values()))
            try:
                took = self.transactions[kind]()
            except (Failed, urllib3.exceptions.HTTPError):
                self.aborts[kind] = self.aborts.get(kind, 0) + 1
            else:
                self.done.setdefault(kind, []).append(1000 * took)
        return self

    @property
    def transactions(self) -> dict[str, Any]:
        return {
            "customer session": self.session,
            "dashboard": self.dashboard,
            "price update": self.price_update,
            "product update": self.product_update,
            "delivery": self.delivery,
        }

    def session(self) -> float:
        """Fill a cart, which is not measured, and check out."""
        customer = self.market.idle.popleft()
        try:
            for product in self.wanted():
                put = {"quantity": self.random.randint(1, MOST_PIECES)}
                path = f"/v1/cart/items/{product}"
                self.ask("PUT", path, customer["token"], put)
            return self.check_out(customer["token"])
        finally:
            self.market.idle.append(customer)

    def wanted(self) -> set[str]:
        market, count = self.market, self.random.randint(1, MOST_LINES)
        return {
            market.product[market.seller.draw(self.random)].draw(self.random)
            for _ in range(count)
        }

    def check_out(self, token: str) -> float:
        body = {k: v for k, v in order_of({}).items() if k != "items"}
        key = {"Idempotency-Key": new_id()}
        for tried in range(TRIES):
            began = monotonic()
            try:
                order = self.ordered(token, body, key)
            except Failed:
                self.aborts["tries"] = self.aborts.get("tries", 0) + 1
                if tried == TRIES - 1:
                    raise
            else:
                took = monotonic() - began
                self.keep(order, began)
                if self.random.random() < TWICE:
                    again = self.ask("POST", "/v1/orders", token, body, key)
                    self.expect(again["id"] == order["id"], "one key, two orders")
                return took
        raise Failed

    def ordered(self, token: str, body: Any, key: dict[str, str]) -> Any:
        """The order at its end, however long it was on its way."""
        order = self.ask("POST", "/v1/orders", token, body, key)
        end = monotonic() + PATIENCE_SECONDS
        while order["status"] == "pending" and monotonic() < end:
            threading.Event().wait(WAIT_SECONDS)
            order = self.ask("GET", f"/v1/orders/{order['id']}", token)
        if order["status"] != "confirmed":
            raise Failed
        return order

    def keep(self, order: Any, began: float) -> None:
        market = self.market
        market.orders.append(order["id"])
        for part in order["fulfilments"]:
            market.open[part["seller_id"]].append(part["id"])
        now = monotonic()
        for line in order["items"]:
            price = line["unit_price"]["amount"]
            market.bought.append((line["product_id"], price, began, now))

    def dashboard(self) -> float:
        seller = self.market.sellers[self.market.seller.draw(self.random)]
        began = monotonic()
        path = f"/v1/sellers/{seller['id']}/dashboard"
        shown = self.ask("GET", path, seller["token"])
        took = monotonic() - began
        units = sum(day["units"] for day in shown["by_day"])
        amount = sum(day["revenue"]["amount"] for day in shown["by_day"])
        whole = (units, amount) == (shown["units"], shown["revenue"]["amount"])
        self.expect(whole, "a dashboard that does not add up")
        return took

    def price_update(self) -> float:
        def raised(product: Any) -> Any:
            percent = self.random.randint(1, MOST_RAISE)
            amount = product["price"]["amount"] * (100 + percent) // 100
            return {"price": {"amount": amount}}

        return self.update(raised)

    def product_update(self) -> float:
        return self.update(lambda _: {"description": f"Replaced by {new_id()}."})

    def update(self, change: Any) -> float:
        market = self.market
        seller = market.sellers[market.seller.draw(self.random)]
        product_id = market.product[seller["id"]].draw(self.random)
        path = f"/v1/products/{product_id}"
        with market.locks[product_id]:
            product, headers = self.told("GET", path, seller["token"])
            tag = {"If-Match": headers["ETag"]}
            new = change(product)
            began = monotonic()
            changed = self.ask("PATCH", path, seller["token"], new, tag)
            now = monotonic()
            if "price" in new:
                was, becomes = (x["price"]["amount"] for x in (product, changed))
                market.prices.change(product_id, (was, becomes), began, now)
        return now - began

    def delivery(self) -> float:
        """Send and deliver the oldest part of up to ten sellers who have some."""
        began = monotonic()
        parts = self.oldest()
        self.nothing_to_deliver += not parts
        for seller, part in parts:
            for status in ("shipped", "delivered"):
                path = f"/v1/fulfilments/{part}"
                self.ask("PATCH", path, seller["token"], {"status": status})
        return monotonic() - began

    def oldest(self) -> list[tuple[dict[str, str], str]]:
        market = self.market
        with market.lock:
            waiting = [id_ for id_, parts in market.open.items() if parts]
            some = waiting[:DELIVERED_AT_ONCE]
            return [(market.sellers[id_], market.open[id_].popleft()) for id_ in some]

    def ask(
        self, method: str, path: str, token: str, body: Any = None, more: Any = None
    ) -> Any:
        return self.told(method, path, token, body, more)[0]

    def told(
        self, method: str, path: str, token: str, body: Any = None, more: Any = None
    ) -> tuple[Any, Any]:
        headers = {"Authorization": f"Bearer {token}"} | (more or {})
        content = {} if body is None else {"json": body}
        url = self.market.asked["url"] + path
        answer = self.pool.request(method, url, headers=headers, **content)
        if answer.status not in (OK, CREATED, ACCEPTED):
            raise Failed
        return answer.json(), answer.headers

    def expect(self, is_so: bool, anomaly: str) -> None:
        if not is_so:
            self.market.anomalies.append(anomaly)
