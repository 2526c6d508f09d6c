"""The books of a shop with some history, for tests that put something wrong in them."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from sqlalchemy import Engine, create_engine, inspect, text

from common.database import with_driver
from common.ids import new_id
from tests.cast import Cast
from tests.client import Client, eventually

# These tell when something happened; all of it was long ago.
MOMENTS = {
    "orders": "placed_at",
    "order_history": "at",
    "refunds": "created_at",
    "idempotency_keys": "created_at",
}
LONG = timedelta(hours=1)


@dataclass
class Books:
    """``ids`` names what is in them, for SQL and for documents."""

    stack: Any
    engines: dict[str, Engine]
    catalogue: Database
    ids: dict[str, Any] = field(default_factory=dict)

    def meant(self, fields: dict[str, Any]) -> dict[str, Any]:
        """With ids for their names."""
        return {name: self.ids.get(value, value) for name, value in fields.items()}

    @contextmanager
    def rows(self, database: str, table: str, where: str) -> Iterator[None]:
        """Whatever is done to these rows, in the end they are as they were."""
        with self.unguarded(database, table) as connection:
            copy = f"SELECT to_json(t)::text FROM {table} AS t WHERE {where}"  # noqa: S608
            kept = connection.scalars(text(copy), self.ids).all()
            assert kept, f"{table} has none {where}"
        yield
        with self.unguarded(database, table) as connection:
            put_back = text(upsert(connection, table))
            for row in kept:
                connection.execute(put_back, {"row": row})

    @contextmanager
    def unguarded(self, database: str, table: str) -> Iterator[Any]:
        """A transaction in which the table's triggers are off."""
        with self.engines[database].begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            yield connection
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))

    @contextmanager
    def documents(self, collection: str, where: dict) -> Iterator[Any]:
        """The same for documents."""
        target = self.catalogue[collection]
        kept = list(target.find(where))
        yield target
        for document in kept:
            target.replace_one(
                {"_id": document["_id"]},
                document,
                upsert=True,
                bypass_document_validation=True,
            )

    @contextmanager
    def stopped(self, *processes: str) -> Iterator[None]:
        """They do nothing about what is wrong, meanwhile."""
        pids = [self.stack.pid(name) for name in processes]
        with ExitStack() as going_on:
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
                going_on.callback(os.kill, pid, signal.SIGCONT)
            yield


def upsert(connection: Any, table: str) -> str:
    tables = inspect(connection)
    key = tables.get_pk_constraint(table)["constrained_columns"]
    columns = [each["name"] for each in tables.get_columns(table)]
    anew = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns)
    return (
        f"INSERT INTO {table} SELECT * FROM json_populate_record("  # noqa: S608
        f"NULL::{table}, CAST(:row AS json)) ON CONFLICT ({', '.join(key)})"
        f" DO UPDATE SET {anew}"
    )


@contextmanager
def opened(stack: Any) -> Iterator[Books]:
    uris = stack.operator
    engines = {
        name: create_engine(with_driver(uris[f"{name.upper()}_DB_URI"]))
        for name in ("order", "user", "auth")
    }
    with MongoClient(uris["PRODUCT_MONGO_URI"], tz_aware=True) as client:
        yield Books(stack, engines, client.get_default_database())
    for engine in engines.values():
        engine.dispose()


def write(books: Books) -> None:
    """An order of each kind, a refund and a payout; all of it an hour ago."""
    cast = Cast(books.stack)
    seller, customer = cast["seller A"].client, cast["customer A"].client
    support = cast["support"].client
    product = books.ids["product"] = on_the_shelf(seller)
    for name, token in {"sold": "tok_visa", "rejected": "tok_declined"}.items():
        books.ids[name] = placed(books, customer, product, token)
    for name in ("cancelled", "returned"):
        books.ids[name] = placed(books, customer, product)
    path = f"/v1/orders/{books.ids['cancelled']}/cancellation"
    assert customer.post(path, {"reason": "Changed my mind"}).status == 201
    books.ids["refund"] = refunded(support, books.ids["returned"], product)
    eventually(lambda: settled(books), True)
    paid = books.stack.shopnow("payouts", "run", "--json")
    batch = json.loads(paid.stdout)["batch"]
    books.ids |= {"batch": batch["id"], "payout": batch["payouts"][0]["id"]}
    name_others(books)
    grow_old(books)


def on_the_shelf(seller: Client) -> str:
    draft = {
        "sku": new_id(),
        "title": "Test mug",
        "description": "For tests.",
        "category": seller.get("/v1/categories").body["items"][0]["slug"],
        "price": {"amount": 450, "currency": "GBP"},
        "status": "active",
    }
    product_id: str = seller.post("/v1/products", draft).body["id"]
    stocked = seller.post(
        f"/v1/products/{product_id}/inventory/adjustments",
        {"delta": 1000, "reason": "delivery"},
        Idempotency_Key=new_id(),
    )
    assert stocked.status == 201, stocked.raw
    return product_id


def placed(
    books: Books, customer: Client, product: str, token: str = "tok_visa"
) -> str:
    key = new_id()
    customer.place({product: 3}, key=key, token=token)
    find = text("SELECT order_id FROM idempotency_keys WHERE key = :key")
    with books.engines["order"].connect() as connection:
        return str(connection.scalar(find, {"key": key}))


def refunded(support: Client, order_id: str, product: str) -> str:
    wanted = {
        "amount": {"amount": 450, "currency": "GBP"},
        "reason": "Broken",
        "returned_items": [{"product_id": product, "quantity": 1}],
    }
    made = support.post(f"/v1/orders/{order_id}/refunds", wanted)
    assert (made.status, made.body["status"]) == (201, "done"), made.raw
    refund_id: str = made.body["id"]
    return refund_id


def settled(books: Books) -> bool:
    """Whether product_service has heard of all that has happened."""
    returned = {
        document["_id"]: sum(each["quantity"] for each in document["returned"])
        for document in books.catalogue.stock_reservations.find({"state": "sold"})
    }
    return returned == {
        books.ids["sold"]: 0,
        books.ids["cancelled"]: 3,
        books.ids["returned"]: 1,
    }


def grow_old(books: Books) -> None:
    with books.engines["order"].begin() as connection:
        for table, moment in MOMENTS.items():
            older = f"UPDATE {table} SET {moment} = {moment} - :long"  # noqa: S608
            connection.execute(text(older), {"long": LONG})


def name_others(books: Books) -> None:
    sale = {"cause": books.ids["sold"], "kind": "sale"}
    event = (
        "SELECT event_id FROM outbox"
        " WHERE aggregate_id = :sold AND type = 'order.confirmed'"
    )
    charge = "SELECT id FROM sandbox_charges WHERE order_id = :sold"
    with books.engines["order"].connect() as connection:
        books.ids |= {
            "movement": books.catalogue.stock_movements.find_one(sale)["_id"],
            "event": connection.scalar(text(event), books.ids),
            "charge": connection.scalar(text(charge), books.ids),
            # Ids of nothing that there is.
            "nothing": new_id(),
            "product_event": "event",
        }
