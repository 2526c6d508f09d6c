"""People who buy while a region is lost, and remember what they were told."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any
from uuid import uuid4

import urllib3

from ops.dr.waiting import until

BUYERS, ORDERS_A_SECOND = 6, 12.0
ADDRESS = {
    "full_name": "Ada Example",
    "line1": "1 High Street",
    "city": "Leeds",
    "postal_code": "LS1 1AA",
    "country": "GB",
}
PAYMENT = {"method": "card", "token": "tok_visa"}
TAKEN = (201, 202)
SECONDS = urllib3.Timeout(connect=1, read=11)


@dataclass(frozen=True)
class Purchase:
    """An order somebody was told of ``at`` a moment, having asked at another."""

    order: str
    region: str
    asked: float
    at: float
    status: str


@dataclass
class Crowd:
    """Everybody asks ``here``, as names are resolved; a cut order is sent again
    under its key, to whoever answers then."""

    urls: dict[str, str]
    here: str
    rate: float = ORDERS_A_SECOND
    purchases: list[Purchase] = field(default_factory=list)
    failures: list[float] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    ended: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.pool = urllib3.PoolManager(maxsize=2 * BUYERS, retries=False)
        self.products: Sequence[str] = ()
        self.token = ""

    def enter(self, email: str, password: str) -> None:
        """Sign in and look around, before anything happens."""
        who = {"grant_type": "password", "email": email, "password": password}
        # What has just been started, on a machine with other work, may be late once.
        until(lambda: self.sign_in(who), "nobody can sign in")
        until(self.look_around, "nobody sees what there is")
        for _ in range(BUYERS):
            Thread(target=self.buy, daemon=True).start()

    def sign_in(self, who: dict[str, str]) -> str:
        told = self.ask("POST", "/v1/auth/tokens", who)
        self.token = told.get("access_token", "")
        return self.token

    def look_around(self) -> Sequence[str]:
        told = self.ask("GET", "/v1/products?in_stock=true&limit=100")
        self.products = [each["id"] for each in told.get("items", ())]
        return self.products

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return self.pool.request(method, self.urls[self.here] + path, json=body).json()

    def buy(self) -> None:
        while not self.ended.wait(random.expovariate(self.rate / BUYERS)):
            self.place(f"drill-{uuid4()}")

    def place(self, key: str) -> None:
        line = {"product_id": random.choice(self.products), "quantity": 1}  # noqa: S311
        draft = {"items": [line], "shipping_address": ADDRESS, "payment": PAYMENT}
        while not self.ended.is_set() and not self.attempt(key, draft):
            self.failures.append(monotonic())
            self.ended.wait(0.25)

    def attempt(self, key: str, draft: dict[str, Any]) -> bool:
        """Whether it was decided."""
        region, asked = self.here, monotonic()
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key}
        try:
            answer = self.pool.request(
                "POST",
                f"{self.urls[region]}/v1/orders",
                json=draft,
                headers=headers,
                timeout=SECONDS,
            )
        except urllib3.exceptions.HTTPError:
            return False
        if answer.status in TAKEN:
            told = answer.json()
            with self.lock:
                self.purchases.append(
                    Purchase(told["id"], region, asked, monotonic(), told["status"])
                )
        return answer.status in TAKEN or answer.status == 409  # noqa: PLR2004

    def told_by(self, region: str) -> list[Purchase]:
        with self.lock:
            return [each for each in self.purchases if each.region == region]
