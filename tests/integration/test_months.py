"""Orders lie in the table of their month, and are taken out month by month."""

import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from click.testing import CliRunner
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from common.database import with_driver
from common.ids import new_id
from ops import migrate
from ops.audit import ledger, orders, tellings
from ops.audit.stores import View
from ops.cli import main
from order_service.storage import months
from order_service.storage import retention as storage
from order_service.storage.claims import Claim
from order_service.storage.months import Month
from tests.builders import NOON, an_order
from tests.integration.test_old_payments import old_database
from tests.scratch import PostgresOrders

OLD = """
INSERT INTO orders (id, number, customer_id, status, step, total_minor, currency,
    from_cart, payment_token, payment_status, shipping_address, placed_at, resume_at,
    attempts, version)
VALUES (:id, :id, 'ada', 'pending', 'reserve', 900, 'GBP', true, 'tok_visa', 'pending',
    '{"country": "GB"}', now(), now(), 0, 1);
INSERT INTO order_lines (order_id, position, product_id, seller_id, sku, title,
    quantity, unit_price_minor) VALUES (:id, 0, 'p', 's', 'sku', 'Mug', 1, 900);
INSERT INTO fulfilments VALUES (:id, :id, 's', 'pending');
INSERT INTO order_history (order_id, at, role, event, details)
VALUES (:id, now(), 'customer', 'order.placed', '{}');
INSERT INTO idempotency_keys (customer_id, key, fingerprint, order_id, created_at)
VALUES ('ada', 'key', 'f', :id, now())
"""

POSTED = """
INSERT INTO ledger_entries VALUES
    (:id, 0, 'sale', 'customer', 900, 'GBP', NULL, :id, NULL, now()),
    (:id, 1, 'sale', 'seller_payable', -900, 'GBP', 's', :id, 0, now())
"""

OWED = """
INSERT INTO refunds VALUES (:id, :id, 100, NULL, 'support', 'sam', 'asked', '[]',
    now(), NULL, now(), 0)
"""


@pytest.fixture
def shop(stack, monkeypatch):
    """The orders database of before there were months, with one order in it."""
    for name, value in stack.operator.items():
        monkeypatch.setenv(name, value)
    with old_database(stack.operator["ORDER_DB_URI"]) as uri:
        monkeypatch.setitem(os.environ, "ORDER_DB_URI", uri)
        engine = create_engine(with_driver(uri))
        command.upgrade(alembic(), "0008")
        with engine.begin() as database:
            database.execute(text(OLD), {"id": new_id()})
        yield engine
        engine.dispose()


def alembic():
    return migrate.DATABASES["orders"].alembic()


def read(engine, query, **facts):
    with engine.begin() as database:
        return [tuple(row) for row in database.execute(text(query), facts)]


def told(*words):
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def id_in(month):
    return f"{month.first_id}-7000-8000-{new_id()[-12:]}"


@contextmanager
def held(engine, *ids, **facts):
    """Orders that are stored under these ids, each with a line and a part."""
    store = PostgresOrders(engine)
    for id_ in ids:
        order = an_order(id=id_, number=id_, customer_id=new_id(), **facts)
        with store.transaction() as orders:
            orders.add(order, Claim(order.customer_id, id_, "f"), NOON)
    yield store


class TestMigration:
    def test_what_was_there_becomes_the_first_month_and_goes_on(self, shop):
        [(order_id,)] = read(shop, "SELECT id FROM orders")

        command.upgrade(alembic(), "head")

        command.check(alembic())
        assert read(shop, "SELECT id FROM orders_before") == [(order_id,)]
        assert read(shop, "SELECT from_cart FROM idempotency_keys") == [(True,)]
        read_back = "SELECT order_id FROM {} WHERE order_id = :id"
        for table in ("order_lines", "fulfilments", "order_history"):
            assert read(shop, read_back.format(table), id=order_id) == [(order_id,)]

    def test_nothing_is_lost_on_the_way_back_of_what_came_since(self, shop):
        command.upgrade(alembic(), "head")
        with held(shop, id_in(Month.of(datetime.now(UTC)).plus(4))):
            counts = {table: rows(shop, table) for table in months.KEYS}

            command.downgrade(alembic(), "0008")

            assert {table: rows(shop, table) for table in months.KEYS} == counts
            assert counts["orders"] == 2

    def test_a_cart_that_is_being_ordered_meanwhile_is_not_ordered_again(self, shop):
        command.upgrade(alembic(), "head")

        again = text(
            "INSERT INTO idempotency_keys VALUES"
            " ('ada', 'other', 'f', 'x', NULL, now(), true)"
        )
        refused = pytest.raises(DBAPIError, match="ix_keys_cart_in_checkout")
        with refused, shop.begin() as database:
            database.execute(again)


class TestMonths:
    def test_an_order_and_all_that_is_its_own_lie_in_its_month(self, shop):
        command.upgrade(alembic(), "head")
        month = Month.of(datetime.now(UTC)).plus(3)
        with held(shop, id_in(month)) as store:
            for table in ("orders", "order_lines", "fulfilments", "order_history"):
                assert rows(shop, f"{table}_{month.name}") > 0
            with store.transaction() as orders:
                assert orders.number_for(new_id())

    def test_a_month_that_is_not_there_yet_is_opened_once(self, shop):
        command.upgrade(alembic(), "head")
        then = datetime.now(UTC) + timedelta(days=200)
        with shop.begin() as database:
            made = months.open_months(database, then)
            again = months.open_months(database, then)

        assert made[-1] == Month.of(then).plus(months.AHEAD).name
        assert again == []

    def test_only_the_month_of_an_order_is_looked_at(self, shop):
        command.upgrade(alembic(), "head")
        month = Month.of(datetime.now(UTC)).plus(3)
        where = "EXPLAIN SELECT * FROM orders WHERE id = :id"
        plan = str(read(shop, where, id=id_in(month)))

        assert f"orders_{month.name}" in plan
        assert plan.count("orders_2") == plan.count(f"orders_{month.name}")

    def test_no_month_lets_its_lines_be_changed(self, shop):
        command.upgrade(alembic(), "head")
        month = Month.of(datetime.now(UTC)).plus(3)
        with held(shop, id_in(month)), pytest.raises(DBAPIError, match="the past"):
            read(shop, f"DELETE FROM order_lines_{month.name}")  # noqa: S608


class TestRetention:
    """``before`` is over when its orders are; it is years old by then."""

    @pytest.fixture
    def old(self, shop, monkeypatch):
        command.upgrade(alembic(), "head")
        # Its triggers are not in the way of a test that looks at something else.
        later = datetime.now(UTC) + timedelta(days=800)
        monkeypatch.setattr("ops.retention.utc_now", lambda: later)
        return shop

    def end(self, shop):
        read_nothing = text(
            "UPDATE orders_before SET status = 'delivered', step = 'done'"
        )
        with shop.begin() as database:
            database.execute(read_nothing)

    def test_a_month_stays_while_one_of_its_orders_is_not_at_its_end(self, old):
        assert "stays: 1 of them" in told("retention", "archive", "--keep", "24")
        assert rows(old, "orders") == 1

    def test_a_month_stays_if_something_is_begun_while_it_is_taken_out(
        self, old, monkeypatch
    ):
        self.end(old)
        [(order_id,)] = read(old, "SELECT id FROM orders")
        forget = storage.forget

        def meanwhile(database, month):
            forget(database, month)
            database.execute(text(OWED), {"id": order_id})

        monkeypatch.setattr(storage, "forget", meanwhile)
        assert "stays: something" in told("retention", "archive", "--keep", "24")
        assert (rows(old, "orders"), rows(old, "refunds")) == (1, 1)

    def test_a_dry_run_changes_nothing(self, old):
        self.end(old)

        assert "to be archived" in told(
            "retention", "archive", "--keep=24", "--dry-run"
        )
        assert rows(old, "orders") == 1

    def test_what_is_over_is_taken_out_and_forgets_where_it_was_sent(self, old):
        self.end(old)
        sealed = "UPDATE orders SET shipping_address = shipping_address || '{\"a\": 1}'"
        with old.begin() as database:
            database.exec_driver_sql(sealed)

        assert "1 orders, archived" in told("retention", "archive", "--keep", "24")

        assert [rows(old, table) for table in months.KEYS] == [0] * len(months.KEYS)
        kept = read(old, "SELECT shipping_address FROM orders_before")
        assert kept == [({"country": "GB"},)]
        assert rows(old, "order_lines_before") == 1
        assert "before  archived" in told("retention", "list")

    def test_the_audit_does_not_miss_what_was_archived(self, old):
        self.end(old)
        [(order_id,)] = read(old, "SELECT id FROM orders")
        with old.begin() as database:
            database.execute(text(POSTED), {"id": order_id})

        told("retention", "archive", "--keep", "24")

        assert violations(old) == []
        read_nothing = text("DELETE FROM archived_months")
        with old.begin() as database:
            database.execute(read_nothing)
        assert [each.kind for each in violations(old)] == ["ledger_line"]

    def test_an_archived_month_is_dropped_and_no_other(self, old):
        self.end(old)
        told("retention", "archive", "--keep", "24")
        refused = CliRunner().invoke(main, ["retention", "drop", "2027_09"])

        assert refused.exit_code == 1
        assert "is gone" in told("retention", "drop", "before")
        assert read(old, "SELECT to_regclass('orders_before')") == [(None,)]
        assert "archived" not in told("retention", "list")


def violations(engine):
    """Of the checks that need nothing but the orders database."""
    with engine.connect() as database:
        view = View(datetime.now(UTC), {}, {"orders": database}, None, None)
        checks = (*ledger.CHECKS, *orders.CHECKS, *tellings.CHECKS)
        return [each for check in checks for each in check.find(view)]


def rows(engine, table):
    [(count,)] = read(engine, f"SELECT count(*) FROM {table}")  # noqa: S608
    return count
