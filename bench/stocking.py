"""Fills a private stack: products, customers, and orders of months before."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from random import Random
from typing import TypeVar

import pymongo
from sqlalchemy import create_engine, text

from bench.buying import PASSWORD, Buying
from bench.shopping import LINES, Customer, Zipf, order_of
from common.clock import utc_now
from common.database import with_driver
from common.ids import new_id
from common.money import Money
from ops.demo.shop import CATALOGUE
from ops.stack.plan import Plan
from product_service.domain.categories import Category
from product_service.domain.product import Product
from product_service.domain.stock import Kind, Movement
from product_service.storage import movements
from product_service.storage.categories import CategoryRepository
from product_service.storage.documents import to_document
from product_service.storage.provider import connect

Thing = TypeVar("Thing")
PIECES = 1_000_000
AT_ONCE = 1_000
# The shop's own connections give a statement five.
STOCKING_SECONDS = 600.0
CUSTOMERS = 40
WISHES = 3
# There with every size of the catalogue, as carts outlive what is taken from it.
LASTING = 1_000
SKU = "MIX-"
WORDS = (
    *("blue", "green", "small", "large", "steel", "wooden", "silver", "garden"),
    *("kitchen", "travel", "desk", "winter", "summer", "classic", "modern"),
    *("vintage", "soft", "heavy", "folding", "painted"),
)

# By nobody's triggers, which would look at each of twelve million rows: these are as
# they are after they were delivered; ids begin with the moment (RFC 9562, 5.7).
ORDERS = """
SET LOCAL session_replication_role = replica;
CREATE TEMPORARY TABLE made ON COMMIT DROP AS
SELECT n, at, lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') AS ms,
    'bench-' || n % 10000 AS customer_id
FROM (
    SELECT n, now() - interval '1 day' - n * interval '365 days' / :count AS at
    FROM generate_series(1, :count) AS n
) AS moments;
ALTER TABLE made ADD COLUMN id text;
UPDATE made SET id = left(ms, 8) || '-' || right(ms, 4) || '-7000-8000-'
    || lpad(to_hex(n), 12, '0');
INSERT INTO orders (id, number, customer_id, status, step, total_minor, currency,
    from_cart, payment_token, payment_status, shipping_address, placed_at, resume_at,
    attempts, version)
SELECT id, 'bench-' || n, customer_id, 'delivered', 'done', 900, 'GBP', false,
    'tok_visa', 'captured', '{"country": "GB", "sealed": "k1.bench"}', at, at, 0, 8
FROM made;
INSERT INTO order_lines (order_id, position, product_id, seller_id, sku, title,
    quantity, unit_price_minor)
SELECT id, position, id, 'bench-' || n % 1000, 'BENCH', 'A mug of the bench', 1, 450
FROM made CROSS JOIN generate_series(0, 1) AS position;
INSERT INTO fulfilments (id, order_id, seller_id, status)
SELECT left(id, 24) || lpad(to_hex(n + 1099511627776), 12, '0'), id,
    'bench-' || n % 1000, 'delivered'
FROM made;
INSERT INTO order_history (order_id, at, role, event, details)
SELECT id, at, 'system', event, '{}'
FROM made CROSS JOIN unnest(ARRAY['order.placed', 'order.confirmed']) AS event;
INSERT INTO payments (order_id, provider, amount_minor, currency, captured_minor,
    refunded_minor, status)
SELECT id, 'sandbox', 900, 'GBP', 900, 0, 'captured' FROM made;
INSERT INTO payment_operations (key, order_id, kind, amount_minor, outcome, at)
SELECT id || ':' || kind, id, kind, 900, 'done', at
FROM made CROSS JOIN unnest(ARRAY['authorise', 'capture']) AS kind;
INSERT INTO ledger_entries (transaction_id, position, kind, account, amount_minor,
    currency, seller_id, order_id, line, at)
SELECT id, position, 'sale', account, amount, 'GBP',
    CASE WHEN line IS NULL THEN NULL ELSE 'bench-' || n % 1000 END, id, line, at
FROM made CROSS JOIN (VALUES (0, 'customer', 900, NULL), (1, 'seller_payable', -450, 0),
    (2, 'seller_payable', -450, 1)) AS entry (position, account, amount, line);
"""


class Stocking:
    """The stores of ``plan``, and its gateway for what only it can do."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.random = Random(1)  # noqa: S311 - the same shop in every run
        self.products: list[str] = []
        self.people: list[tuple[dict[str, str], Customer]] = []

    def have_products(self, count: int) -> list[str]:
        """Exactly so many of ours, each with plenty on the shelf."""
        uri = self.plan.variables["PRODUCT_MONGO_URI"]
        with connect(uri) as mongo, pymongo.timeout(STOCKING_SECONDS):
            database = mongo.get_default_database()
            tree = CategoryRepository(database).tree()
            paths = [tree.path(each["slug"]) for each in CATALOGUE["categories"]]
            seller_id = str(database.sellers.find_one()["_id"])  # type: ignore[index]
            gone, self.products = self.products[count:], self.products[:count]
            for ids in batched(gone):
                database.products.delete_many({"_id": {"$in": ids}})
            new = self.new_products(count - len(self.products), seller_id, paths)
            for some in batched(new):
                database.products.insert_many(map(to_document, some), ordered=False)
                movements.note(database, [delivered(each) for each in some], None)
                self.products += [each.id for each in some]
        return self.products

    def new_products(
        self, count: int, seller_id: str, paths: list[list[Category]]
    ) -> Iterator[Product]:
        for _ in range(count):
            id_, now = new_id(), utc_now()
            path = self.random.choice(paths)
            product = Product(
                id=id_,
                seller_id=seller_id,
                sku=f"{SKU}{id_}",
                title=" ".join(self.random.sample(WORDS, 3)).capitalize(),
                description="One of many that the benchmark has on its shelves.",
                category=path[-1].slug,
                price=Money(self.random.randint(100, 10_000), "GBP"),
                created_at=now,
                updated_at=now,
                available=PIECES,
            )
            product.file(path)
            yield product

    def customers(self, url: str, count: int = CUSTOMERS) -> list[Customer]:
        """Who have ordered before, the same ones each time, with new tokens."""
        till = Buying.__new__(Buying)
        till.url = url
        wanted = Zipf(self.products[:LASTING])
        new = range(count - len(self.people))
        self.people += [self.customer(till, wanted) for _ in new]
        return [replace(c, token=till.token(person)) for person, c in self.people]

    def customer(self, till: Buying, wanted: Zipf) -> tuple[dict[str, str], Customer]:
        """How they sign in, and what they have and want."""
        email = f"{new_id()}@example.com"
        person = {"email": email, "password": PASSWORD}
        till.post("/v1/users", person | {"full_name": "Ada Example"})
        token = till.token(person)
        wishes = [wanted.draw(self.random) for _ in range(WISHES)]
        bought = {wanted.draw(self.random): 1 for _ in range(LINES)}
        order_id = till.post("/v1/orders", order_of(bought), token)["id"]
        return person, Customer(token, order_id, wishes)

    def add_orders(self, count: int) -> None:
        """Delivered ones, spread over the year before."""
        admin = self.plan.all_servers.postgres.uri("admin").rpartition("/")[0]
        orders = self.plan.variables["ORDER_DB_URI"].rpartition("/")[2]
        engine = create_engine(with_driver(f"{admin}/{orders}"))
        with engine.begin() as database:
            for statement in ORDERS.strip().split(";\n"):
                database.execute(text(statement), {"count": count})
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
            own.execute(text("VACUUM ANALYZE"))
        engine.dispose()


def batched(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    every = iter(things)
    while some := list(islice(every, AT_ONCE)):
        yield some


def delivered(product: Product) -> Movement:
    return Movement(
        id=new_id(),
        product_id=product.id,
        kind=Kind.ADJUSTMENT,
        delta=PIECES,
        reserved_delta=0,
        cause="opening stock",
        at=product.created_at,
    )
