"""Payments of before there were books of them: the migration opens the books."""

import os
from contextlib import contextmanager

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from common.database import with_driver
from common.ids import new_id
from ops import migrate

ORDER = """
INSERT INTO orders (id, number, customer_id, status, step, total_minor, currency,
    from_cart, payment_token, payment_status, shipping_address, placed_at, resume_at,
    attempts, version)
VALUES (:id, :id, :id, 'pending', :step, 900, 'GBP', false, 'tok_visa', 'pending',
    '{}', now(), now(), 0, 1)
"""
CHARGE = "INSERT INTO sandbox_charges VALUES (:id, 900, 'GBP', :outcome, 1)"


@contextmanager
def old_database(uri):
    schema = f"test_{new_id().replace('-', '')}"
    admin = create_engine(with_driver(uri))
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    mark = "&" if "?" in uri else "?"
    yield f"{uri}{mark}options=-csearch_path%3D{schema}"
    with admin.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@pytest.fixture
def database(stack, monkeypatch):
    with old_database(stack.operator["ORDER_DB_URI"]) as uri:
        monkeypatch.setitem(os.environ, "ORDER_DB_URI", uri)
        alembic = migrate.DATABASES["orders"].alembic()
        command.upgrade(alembic, "0003")
        engine = create_engine(with_driver(uri))
        yield alembic, engine
        engine.dispose()


def test_old_charges_are_in_the_new_books_and_back(database):
    alembic, engine = database
    ids = {}
    with engine.begin() as old:
        for outcome in ("captured", "declined", "voided", "failed"):
            ids[outcome] = new_id()
            step = "compensate" if outcome == "voided" else "checkout"
            old.execute(text(ORDER), {"id": ids[outcome], "step": step})
            old.execute(text(CHARGE), {"id": ids[outcome], "outcome": outcome})

    def read(query):
        with engine.begin() as connection:
            return {tuple(row) for row in connection.execute(text(query))}

    before = read("SELECT * FROM sandbox_charges WHERE outcome = 'captured'")

    command.upgrade(alembic, "0004")

    captured, voided = ids["captured"], ids["voided"]
    assert read("SELECT order_id, status, captured_minor FROM payments") == {
        (captured, "captured", 900),
        (ids["declined"], "pending", 0),
        (voided, "voided", 0),
        (ids["failed"], "pending", 0),
    }
    assert read("SELECT key, outcome FROM payment_operations") == {
        (f"{captured}:authorise", "done"),
        (f"{captured}:capture", "done"),
        (f"{ids['declined']}:authorise", "declined"),
        (f"{voided}:void", "done"),
    }
    assert read("SELECT order_id, captured_minor FROM sandbox_charges") == {
        (captured, 900)
    }
    assert read("SELECT DISTINCT step FROM orders") == {("reserve",), ("void",)}

    command.downgrade(alembic, "0003")

    assert read("SELECT * FROM sandbox_charges WHERE outcome = 'captured'") == before
    outcomes = read("SELECT order_id, outcome FROM sandbox_charges")
    assert outcomes == {(ids[outcome], outcome) for outcome in ids}
    assert read("SELECT DISTINCT step FROM orders") == {("checkout",), ("compensate",)}

    command.upgrade(alembic, "head")
