"""Readers and buyers who keep a shop busy, at a steady pace, for a while.

What is late in being asked counts as waiting: a visitor does not know why.
"""

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from time import monotonic, sleep
from typing import Any

import click
import urllib3

from common.ids import new_id

# Enough of them that one who waits for an answer is not late for the next.
READERS, BUYERS = 8, 8
# Of all together; far from what the shop could do: a soak looks for what adds up.
READS_PER_SECOND, ORDERS_PER_SECOND = 40, 2
NO_ANSWER, OK, CREATED, ACCEPTED, UNAUTHENTICATED = 0, 200, 201, 202, 401
ADDRESS = {
    "full_name": "Ada Example",
    "line1": "1 High Street",
    "city": "Leeds",
    "postal_code": "LS1 1AA",
    "country": "GB",
}


class Visitor:
    """Notes of each answer when it was due, how long it took and its status."""

    def __init__(self, url: str, person: dict[str, str], products: list[str]) -> None:
        self.url, self.person, self.products = url, person, cycle(products)
        self.pool = urllib3.PoolManager(maxsize=1, retries=False, timeout=30.0)
        self.token = ""
        self.answers: list[tuple[float, float, int]] = []
        self.orders: list[str] = []

    def stay(self, work: Callable[[], int], every: float, until: float) -> "Visitor":
        began = moment = monotonic()
        while moment < until:
            sleep(max(0.0, moment - monotonic()))
            status = work()
            self.answers.append((moment - began, monotonic() - moment, status))
            moment += every
        return self

    def read(self) -> int:
        return int(self.ask("GET", f"/v1/products/{next(self.products)}").status)

    def buy(self) -> int:
        """Order one piece, under one key for as long as nobody has answered."""
        draft = {
            "items": [{"product_id": next(self.products), "quantity": 1}],
            "shipping_address": ADDRESS,
            "payment": {"method": "card", "token": "tok_visa"},
        }
        key = {"Idempotency-Key": new_id()}
        answer = self.ask("POST", "/v1/orders", draft, **key)
        if answer.status == UNAUTHENTICATED:
            self.sign_in()
            answer = self.ask("POST", "/v1/orders", draft, **key)
        if answer.status in (CREATED, ACCEPTED):
            self.orders.append(answer.json()["id"])
        return int(answer.status)

    def sign_in(self) -> None:
        grant = {"grant_type": "password"} | self.person
        self.token = self.ask("POST", "/v1/auth/tokens", grant).json()["access_token"]

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            return self.pool.request(
                method, self.url + path, json=body, headers=headers
            )
        except urllib3.exceptions.HTTPError:
            return urllib3.HTTPResponse(status=NO_ANSWER)

    def unconfirmed(self) -> list[str]:
        """Orders that were acknowledged and are not there as sold."""
        self.sign_in()
        return [each for each in self.orders if not self.is_confirmed(each)]

    def is_confirmed(self, order_id: str) -> bool:
        answer = self.ask("GET", f"/v1/orders/{order_id}")
        return bool(answer.status == OK and answer.json()["status"] == "confirmed")


def main() -> None:
    """Visit as standard input says, and write what was found as JSON."""
    asked = json.load(sys.stdin)
    until = monotonic() + asked["seconds"]

    def visitor() -> Visitor:
        return Visitor(asked["url"], asked["person"], asked["products"])

    with ThreadPoolExecutor(READERS + BUYERS) as pool:
        readers = [visitor() for _ in range(READERS)]
        buyers = [visitor() for _ in range(BUYERS)]
        stays = [
            pool.submit(each.stay, each.read, READERS / READS_PER_SECOND, until)
            for each in readers
        ] + [
            pool.submit(each.stay, each.buy, BUYERS / ORDERS_PER_SECOND, until)
            for each in buyers
        ]
    answers = [answer for each in stays for answer in each.result().answers]
    missing = [order for each in buyers for order in each.unconfirmed()]
    told = {
        "answers": sorted(answers),
        "orders": sum(len(each.orders) for each in buyers),
        "missing": missing,
    }
    click.echo(json.dumps(told))


if __name__ == "__main__":
    main()
