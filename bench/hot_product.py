"""`python -m bench.hot_product`: how many orders for one product go through."""

import json
from contextlib import ExitStack
from dataclasses import dataclass
from time import monotonic
from typing import Any

import click

from bench import hot_product_report, machine, place
from bench.hot_product_report import Found
from bench.hot_product_ways import WAYS, adds_up
from bench.identity import start
from common.clock import utc_now
from common.ids import new_id
from common.money import Money
from ops.stack import install
from ops.stack.progress import tell
from product_service.domain.product import Product
from product_service.storage import schema
from product_service.storage.products import to_document
from product_service.storage.provider import connect

SECONDS = 5
# As many processes as the local stack has of the service.
PROCESSES = 2
CROWDS = (2, 10, 40, 200)
LINES = (1, 3)
PLENTY = 10**9


@dataclass
class HotProduct:
    """The catalogue's database at ``uri``, and nothing else of the shop."""

    uri: str

    def __post_init__(self) -> None:
        self.client = connect(self.uri)
        schema.migrate(self.client.get_default_database())

    def measure(self, seconds: int) -> list[Found]:
        return [
            self.round(way, lines, crowd, seconds)
            for lines in LINES
            for crowd in CROWDS
            for way in WAYS
        ]

    def round(self, way: str, lines: int, crowd: int, seconds: int) -> Found:
        products = [self.shelved() for _ in range(lines)]
        asked = {
            "uri": self.uri,
            "way": way,
            "product_ids": products,
            "buyers": crowd // PROCESSES,
            "seconds": seconds,
        }
        with ExitStack() as stack:
            processes = [
                stack.enter_context(start("bench.hot_product_buyers", asked))
                for _ in range(PROCESSES)
            ]
            told = [json.loads(each.communicate()[0]) for each in processes]
        latencies = sorted(ms for each in told for ms in each["held"])
        failed = sum(each["failed"] for each in told)
        whole = all(adds_up(self.client, product_id) for product_id in products)
        found = Found(way, lines, crowd, latencies, failed, seconds, whole)
        tell(f"{lines} lines, {crowd} buyers, {way}: {found.rate:,.0f}/s")
        return found

    def shelved(self) -> str:
        now = utc_now()
        product = Product(
            id=new_id(),
            seller_id=new_id(),
            sku="HOT",
            title="Wanted by all",
            description="",
            category="none",
            price=Money(100, "GBP"),
            created_at=now,
            updated_at=now,
            available=PLENTY,
        )
        products = self.client.get_default_database().products
        products.insert_one(to_document(product))
        return product.id


@click.command()
@click.option(
    "--seconds",
    type=click.IntRange(1, 60),
    default=SECONDS,
    show_default=True,
    help="How long each way is measured with each crowd.",
)
def main(seconds: int) -> None:
    """Measure ways to reserve a product that all want; write bench/results/stock.md.

    A shorter look is written to .run/bench/ instead.
    """
    began = monotonic()
    with place.private(parts=("mongo",)) as plan:
        install.ensure(plan.servers)

        def measure(*_: Any) -> list[Found]:
            return HotProduct(plan.variables["PRODUCT_MONGO_URI"]).measure(seconds)

        found = place.supervised(plan, measure)
    where = machine.seen({}) | {"Load": f"{PROCESSES} processes on the same machine"}
    hot_product_report.write(found, where, monotonic() - began, seconds >= SECONDS)


if __name__ == "__main__":
    main()
