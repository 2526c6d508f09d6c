"""What is measured, in this order, one variant at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from bench import paths
from bench.measurement import Measurement
from bench.meter import Meter
from bench.roles import Roles
from bench.shop import Shop
from ops.stack.progress import tell

STOCK_PRODUCTS = [f"/products/{number}" for number in range(1, 201)]
OK, NOT_MODIFIED = 200, 304


class Wire:
    """``measured`` fills up in the order of the report."""

    def __init__(self, shop: Shop, seconds: int) -> None:
        self.shop = shop
        self.roles = Roles(shop.plan, seconds)
        self.meter = Meter(shop, seconds)
        self.measured: dict[str, Measurement] = {}

    def run(self) -> None:
        tell(f"Measuring each variant for {self.meter.seconds} s after a warm-up")
        self.versions = self.shop.versions()
        self.stock()
        self.one_process_each()
        self.two_processes_each()
        self.echoes()

    def stock(self) -> None:
        url = f"http://{os.environ['STOCK_ADDRESS']}"
        with self.shop.running(self.roles.stock_pair()):
            self.ask(url, "stock_ping", "stock: ping", ["/ping"])
            self.ask(url, "stock", "stock: product from memory", STOCK_PRODUCTS)

    def one_process_each(self) -> None:
        with self.services(1):
            with self.gateways(1, cached=False) as url:
                self.catalogue = paths.read_catalogue(url)
                self.uncached(url)
            with self.gateways(1, cached=True) as url:
                self.cached(url)

    def uncached(self, url: str) -> None:
        self.ask(url, "product", "product", self.catalogue.products)
        self.ask(url, "list", "list of 20", self.catalogue.lists)

    def cached(self, url: str) -> None:
        found = self.catalogue
        self.ask(url, "cached", "product, cached", found.products)
        self.ask(url, "cached_list", "list of 20, cached", found.lists)
        self.ask(url, "cached_search", "search, cached", found.searches)
        known = paths.with_etags(url, found.products)
        self.ask(url, "not_modified", "product, unchanged", known, NOT_MODIFIED)
        self.ask(url, "healthz", "/healthz", ["/healthz"])

    def two_processes_each(self) -> None:
        products = self.catalogue.products
        with self.services(2):
            with self.gateways(2, cached=False) as url:
                self.ask(url, "product_2", "product, 2 processes each", products)
            with self.gateways(2, cached=True) as url:
                self.ask(url, "cached_2", "product, cached, 2 gateways", products)

    def echoes(self) -> None:
        echo = self.meter.echo
        self.measured |= {
            "stock_echo": echo("stock: RPC echo", self.roles.stock_echo()),
            "echo": echo("RPC echo", self.roles.echo()),
            "bare_echo": echo("bare py-amqp echo", self.roles.bare_echo()),
        }

    @contextmanager
    def services(self, count: int) -> Iterator[None]:
        with self.shop.running(self.roles.product_services(count)):
            self.shop.await_passing("product_service", count)
            yield

    @contextmanager
    def gateways(self, count: int, cached: bool) -> Iterator[str]:
        """Their common URL."""
        with self.shop.running(self.roles.gateways(count, cached)):
            self.shop.await_passing("gateway", count)
            yield self.shop.plan.settings.gateway_url

    def ask(
        self, url: str, key: str, title: str, lines: list[str], status: int = OK
    ) -> None:
        if lines:
            self.measured[key] = self.meter.http(title, url, lines, status)
        else:
            tell(f"{title:28} not measured: there is nothing to ask for")
