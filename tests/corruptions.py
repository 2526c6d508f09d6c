"""Ways to put the books of a shop wrong, each under what the audit calls it.

Each is what no part of the shop would do, done by hand past the guards of the
stores, and undone when its test is over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from common.ids import new_id
from common.schemas import iso
from tests.books import Books

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NEVER = "2100-01-01"


@dataclass(frozen=True)
class Rows:
    """What is ``set`` anew in the rows ``where``; ``:names`` stand for ``books.ids``.

    Nothing to set is to delete them.
    """

    table: str
    where: str
    set: str | None = None
    stopped: tuple[str, ...] = ()

    @contextmanager
    def planted(self, books: Books) -> Iterator[None]:
        with books.stopped(*self.stopped), books.rows("order", self.table, self.where):
            with books.unguarded("order", self.table) as connection:
                done = connection.execute(text(self.statement), books.ids)
                assert done.rowcount
            yield

    @property
    def statement(self) -> str:
        if self.set is None:
            return f"DELETE FROM {self.table} WHERE {self.where}"  # noqa: S608
        return f"UPDATE {self.table} SET {self.set} WHERE {self.where}"  # noqa: S608


@dataclass(frozen=True)
class Documents:
    """The same of documents; no ``change`` is to delete them."""

    collection: str
    where: dict[str, Any]
    change: dict[str, Any] | None
    stopped: tuple[str, ...] = ()

    @contextmanager
    def planted(self, books: Books) -> Iterator[None]:
        which = books.meant(self.where)
        kept = books.documents(self.collection, which)
        with books.stopped(*self.stopped), kept as target:
            if self.change is None:
                assert target.delete_many(which).deleted_count
            else:
                target.update_many(which, self.change, bypass_document_validation=True)
            yield


@dataclass(frozen=True)
class Copy:
    """One document more, like the one ``where``, but for some ``fields``."""

    collection: str
    where: dict[str, Any]
    fields: dict[str, Any]

    @contextmanager
    def planted(self, books: Books) -> Iterator[None]:
        target = books.catalogue[self.collection]
        like = target.find_one(books.meant(self.where))
        fresh = like | {"_id": new_id()} | books.meant(self.fields)
        target.insert_one(fresh)
        yield
        target.delete_one({"_id": fresh["_id"]})


def shelf(change: dict[str, Any]) -> Documents:
    return Documents("products", {"_id": "product"}, change)


def moved(where: dict[str, Any], change: dict[str, Any] | None) -> Documents:
    return Documents("stock_movements", where, change)


def reservation(of: str, change: dict[str, Any], *stopped: str) -> Documents:
    return Documents("stock_reservations", {"_id": of}, change, stopped)


def order(of: str, change: str) -> Rows:
    return Rows("orders", f"id = :{of}", change)


def charge(change: str, of: str = "sold") -> Rows:
    return Rows("sandbox_charges", f"order_id = :{of}", change)


def posted(where: str, change: str | None) -> Rows:
    return Rows("ledger_entries", f"transaction_id = {where}", change)


OLD_EVENT = {
    "id": "event",
    "type": "product.changed",
    "version": 1,
    "occurred_at": iso(LONG_AGO),
    "correlation_id": None,
    "data": {},
}
SALE = {"cause": "sold", "kind": "sale"}

# What it is found as, of whom (in books.ids), and what was done.
CORRUPTIONS: list[tuple[str, str, Rows | Documents | Copy]] = [
    ("stock_on_hand", "product", shelf({"$inc": {"available": 1}})),
    ("stock_reserved", "product", shelf({"$inc": {"available": -1, "reserved": 1}})),
    ("stock_negative", "product", shelf({"$set": {"available": -1}})),
    (
        "stock_ledger",
        "product",
        moved({"cause": "sold", "kind": "reservation"}, None),
    ),
    (
        "stock_sold",
        "product",
        moved(SALE, {"$inc": {"delta": -1, "reserved_delta": -1}}),
    ),
    ("stock_returned", "product", moved({"cause": "refund", "kind": "return"}, None)),
    (
        "stock_without_product",
        "nothing",
        Copy("stock_movements", SALE, {"product_id": "nothing"}),
    ),
    ("product_for_sale", "product", shelf({"$set": {"for_sale": False}})),
    ("stock_movement", "movement", moved(SALE, {"$set": {"kind": "release"}})),
    (
        "reservation_without_order",
        "nothing",
        Copy("stock_reservations", {"_id": "sold"}, {"_id": "nothing"}),
    ),
    (
        "reservation_unsold",
        "sold",
        reservation("sold", {"$set": {"state": "committed"}}),
    ),
    (
        "reservation_unreleased",
        "rejected",
        reservation("rejected", {"$set": {"state": "committed"}}),
    ),
    (
        "reservation_wrongly_sold",
        "rejected",
        reservation("rejected", {"$set": {"state": "sold"}}),
    ),
    (
        "reservation_lines",
        "sold",
        reservation("sold", {"$inc": {"items.0.quantity": 1}}),
    ),
    (
        "reservation_returns",
        "returned",
        reservation("returned", {"$set": {"returned": []}}),
    ),
    (
        "reservation_overdue",
        "rejected",
        reservation(
            "rejected",
            {"$set": {"state": "held", "expires_at": LONG_AGO}},
            "product_service.1",
        ),
    ),
    ("order_total", "sold", order("sold", "total_minor = total_minor + 1")),
    ("order_step", "sold", order("sold", f"step = 'void', resume_at = '{NEVER}'")),
    ("order_refunds", "sold", order("sold", "refunded_minor = 1")),
    (
        "order_parts",
        "sold",
        Rows("fulfilments", "order_id = :sold"),
    ),
    (
        "order_sellers",
        "sold",
        Rows("fulfilments", "order_id = :sold", "seller_id = :nothing"),
    ),
    (
        "order_history",
        "sold",
        Rows("order_history", "order_id = :sold AND event = 'order.placed'"),
    ),
    ("order_event", "sold", Rows("outbox", "event_id = :event")),
    (
        "refund_event",
        "refund",
        Rows(
            "outbox",
            "type = 'order.refunded' AND body -> 'data' ->> 'refund_id' = :refund",
        ),
    ),
    ("charge_without_order", "charge", charge("order_id = :nothing")),
    (
        "payment_missing",
        "sold",
        Rows("sandbox_charges", "order_id = :sold"),
    ),
    ("payment_twice", "returned", charge("order_id = :returned")),
    ("payment_amount", "sold", charge("captured_minor = captured_minor - 1")),
    ("payment_not_undone", "rejected", charge("order_id = :rejected")),
    ("payment_refunds", "returned", charge("refunded_minor = 449", of="returned")),
    (
        "payment_record",
        "sold",
        Rows(
            "payments",
            "order_id = :sold",
            "captured_minor = captured_minor - 1",
        ),
    ),
    (
        "payment_operations",
        "sold",
        Rows(
            "payment_operations",
            "order_id = :sold AND kind = 'capture'",
            "outcome = 'begun'",
        ),
    ),
    ("payment_status", "sold", order("sold", "payment_status = 'authorised'")),
    (
        "ledger_unbalanced",
        "sold",
        posted(":sold AND account = 'customer'", "amount_minor = amount_minor + 1"),
    ),
    ("ledger_sale", "sold", posted(":sold", None)),
    (
        "ledger_line",
        "sold",
        posted(
            ":sold AND line = 0",
            "amount_minor = amount_minor"
            " + CASE account WHEN 'commission' THEN 1 ELSE -1 END",
        ),
    ),
    (
        "commission_rate",
        "sold",
        Rows(
            "order_lines",
            "order_id = :sold",
            "commission_bp = commission_bp + 100",
        ),
    ),
    (
        "commission_rate",
        "sold",
        Rows(
            "order_lines",
            "order_id = :sold",
            "unit_price_minor = 1000000000000000, commission_bp = 10000",
        ),
    ),
    ("ledger_refund", "refund", posted(":refund", None)),
    (
        "refund_shares",
        "refund",
        posted(
            ":refund AND line = 0",
            "amount_minor = amount_minor"
            " + CASE account WHEN 'commission' THEN -1 ELSE 1 END",
        ),
    ),
    (
        "refund_shares",
        "refund",
        posted(":refund AND line = 0", "seller_id = :nothing"),
    ),
    ("ledger_payment", "returned", posted(":refund", None)),
    (
        "ledger_payout",
        "payout",
        Rows(
            "payouts",
            "id = :payout",
            "amount_minor = amount_minor + 1",
        ),
    ),
    (
        "payout_batch",
        "batch",
        Rows(
            "payout_batches",
            "id = :batch",
            "closed_at = NULL",
        ),
    ),
    (
        "event_waiting",
        "event",
        Rows(
            "outbox",
            "event_id = :event",
            "published_at = NULL, body = jsonb_set(body,"
            f" '{{occurred_at}}', to_jsonb(text '{iso(LONG_AGO)}'))",
            ("order_service.1",),
        ),
    ),
    (
        "event_waiting",
        "product_event",
        Documents(
            "products",
            {"_id": "product"},
            {"$set": {"events": [OLD_EVENT]}},
            ("product_service.1",),
        ),
    ),
    (
        "saga_waiting",
        "rejected",
        order(
            "rejected", f"status = 'pending', step = 'release', resume_at = '{NEVER}'"
        ),
    ),
    (
        "refund_waiting",
        "refund",
        Rows(
            "refunds",
            "id = :refund",
            f"status = 'pending', resume_at = '{NEVER}'",
        ),
    ),
    (
        "key_waiting",
        "sold",
        Rows(
            "idempotency_keys",
            "order_id = :sold",
            "answer = NULL",
        ),
    ),
]
