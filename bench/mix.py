"""The whole shop under its mix: one look after the other, at what was asked for."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from bench import cpu, shopping
from bench.look import Look, parsed
from bench.paths import list_path
from bench.roles import UNLIMITED, Roles
from bench.shop import Shop
from bench.shopping import Customer, Shopping
from bench.stocking import WORDS, Stocking
from bench.wrk import Words
from ops.demo.shop import CATALOGUE
from ops.errors import Problem
from ops.http import answers
from ops.stack.progress import tell

SERVICES = ("user_service", "product_service", "order_service")
WRITES = {"WRITE_QUOTA": "1000000000", "SIGN_UP_QUOTA": "1000000"}
SIGN_INS = {"SIGN_IN_QUOTA": "1000000", "READ_SECONDS": "0.3"}
# Sent again from the first when they are through, with keys of their own.
REQUESTS = 20_000
WARM_UP_SECONDS = 2.0
# New processes import what they need when they first need it.
AWAKE_SECONDS, AWAKE_CLIENTS = 5.0, 4
IDLE_SECONDS = 5.0
# What was too much is still at work when the load has ended.
SETTLING_SECONDS, MOST_SETTLING_SECONDS = 1.0, 15.0
SETTLED, MORE_THAN_IDLE = 1.5, 0.1
MORE_SECONDS = 40.0
# A token is good for ten minutes.
FRESH_SECONDS = 400.0
MOST_CONNECTIONS = 256
MOST_LOOKS = 8


class Mix:
    def __init__(self, shop: Shop, seconds: float) -> None:
        self.shop, self.seconds = shop, seconds
        self.roles = Roles(shop.plan, 1)
        self.url = shop.plan.settings.gateway_url
        self.stocking = Stocking(shop.plan)
        self.state: dict[str, Any] = {"products": 0, "orders": 0, "processes": 1}
        self.customers: list[Customer] = []
        self.signed_in = float("-inf")
        # Written again when it is gone.
        self.file = shop.plan.run_dir / "mix.jsonl"

    @contextmanager
    def open(self, processes: int) -> Iterator[None]:
        """With so many processes of each service, new ones."""
        told: Mapping[str, str] = {**UNLIMITED, **WRITES, **SIGN_INS}
        names = (*SERVICES, "gateway")
        commands = [c for n in names for c in self.roles.service(n, processes, told)]
        with self.shop.running(commands):
            for name in names:
                self.shop.await_passing(name, processes)
            self.shop.wait(lambda: answers(f"{self.url}/readyz"), "a ready gateway")
            self.state["processes"] = processes
            yield

    def wake(self) -> dict[str, float]:
        """Have all at work that will be, then see what it uses while nobody asks: in
        CPU-seconds a second, by service."""
        self.load(self.requests(), AWAKE_SECONDS, 0.0, AWAKE_CLIENTS)
        self.state["idle"] = float("inf")
        self.settle()
        used = self.used(IDLE_SECONDS)
        self.state["idle"] = sum(used.values())
        return used

    def used(self, seconds: float) -> dict[str, float]:
        """CPU-seconds a second, while nothing is asked."""
        before, began = self.shop.cpu(cpu.service_of), monotonic()
        if self.shop.stopping.wait(seconds):
            raise Problem("stopped before everything was measured")
        used = self.shop.cpu(cpu.service_of).since(before)["cpu"]
        return {name: each / (monotonic() - began) for name, each in used.items()}

    def settle(self) -> None:
        """Wait till what was begun is at its end, or for as long as one waits."""
        idle = self.state["idle"] * SETTLED + MORE_THAN_IDLE
        end = monotonic() + MOST_SETTLING_SECONDS
        while sum(self.used(SETTLING_SECONDS).values()) > idle and monotonic() < end:
            pass

    def stock(self, products: int) -> None:
        tell(f"Having {products:,} products")
        self.stocking.have_products(products)
        self.state["products"] = products
        self.file.unlink(missing_ok=True)

    def add_orders(self, orders: int) -> None:
        tell(f"Having {orders:,} orders")
        self.stocking.add_orders(orders - self.state["orders"])
        self.state["orders"] = orders

    def look(self, rate: float = 0.0, clients: int = 0) -> Look:
        """Ask at this rate, or with so many clients that wait for their answers."""
        file = self.requests()
        self.load(file, WARM_UP_SECONDS, rate, clients)
        before = self.shop.cpu(cpu.service_of)
        said = self.load(file, self.seconds, rate, clients)
        used = self.shop.cpu(cpu.service_of).since(before)
        found = Look(rate=rate, clients=clients, **parsed(said), **used, **self.state)
        tell(found.line())
        if not found.bears:
            self.settle()
        return found

    def load(self, file: Path, seconds: float, rate: float, clients: int) -> str:
        place = urlsplit(self.url)
        words: Words = [
            *(sys.executable, "-m", "bench.open_load"),
            *(place.netloc, file),
            *("--rate", str(rate), "--seconds", str(seconds)),
            *("--connections", str(clients or MOST_CONNECTIONS)),
        ]
        return self.shop.load(words, seconds + MORE_SECONDS)

    def requests(self) -> Path:
        """Written again when their tokens get old, or what they ask for has changed."""
        if monotonic() - self.signed_in > FRESH_SECONDS:
            self.customers = self.stocking.customers(self.url)
            self.signed_in = monotonic()
            self.file.unlink(missing_ok=True)
        if not self.file.exists():
            shopping.write(self.shopping().requests(REQUESTS), self.file)
        return self.file

    def shopping(self) -> Shopping:
        host, stocking = urlsplit(self.url).netloc, self.stocking
        return Shopping(host, stocking.products, list(pages()), self.customers)


def pages() -> Iterator[str]:
    """Lists and searches in turn, as far as there are both."""
    slugs = [each["slug"] for each in CATALOGUE["categories"]]
    lists = [list_path(category=slug) for slug in slugs]
    searches = [list_path(q=word) for word in WORDS]
    for one, other in zip(lists, searches, strict=False):
        yield from (one, other)


def climb(look: Callable[[float], Look], first: float, finer: int) -> list[Look]:
    """Twice as much each time till it is too much, or half till it is not; then
    ``finer`` looks between the two."""
    looks = [look(first)]
    factor = 2.0 if looks[0].bears else 0.5
    while looks[-1].bears == looks[0].bears and len(looks) < MOST_LOOKS:
        looks.append(look(factor * looks[-1].rate))
    if looks[-1].bears != looks[0].bears:
        least, most = sorted(each.rate for each in looks[-2:])
        for _ in range(finer):
            looks.append(between := look((least + most) / 2))
            if between.bears:
                least = between.rate
            else:
                most = between.rate
    return sorted(looks, key=lambda each: each.rate)


def saturation(looks: list[Look]) -> Look | None:
    """The greatest rate that was borne."""
    return max(
        (each for each in looks if each.bears), key=lambda each: each.rate, default=None
    )
