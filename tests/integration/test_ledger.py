"""The books in PostgreSQL: they balance, and nobody changes the past."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common.database import with_driver
from common.ids import new_id
from ops import migrate
from order_service.domain import giving_back, ledger
from order_service.domain.commission import Rule
from order_service.domain.ledger import Account
from order_service.domain.payouts import Batch, Payout
from order_service.storage.ledger import LedgerRepository
from order_service.storage.models import LedgerEntryRow
from order_service.storage.payouts import PayoutRepository
from order_service.storage.repository import Claim
from tests.builders import NOON, SELLER, a_line, an_order, pounds
from tests.client import eventually
from tests.histories import Market
from tests.scratch import PostgresOrders, scratch

HISTORIES = 10
TABLES = (
    "order_lines",
    "commission_rules",
    "ledger_entries",
    "payout_batches",
    "payouts",
)


class PostgresBooks(PostgresOrders):
    @contextmanager
    def transaction(self):
        with super().transaction() as orders:
            orders.payouts = PayoutRepository(orders.session)
            yield orders

    def posted(self):
        with Session(self.engine) as session:
            return {
                (row.transaction_id, row.position): ledger.Entry(
                    Account(row.account), row.amount_minor, row.seller_id, row.line
                )
                for row in session.query(LedgerEntryRow)
            }


@pytest.fixture
def engine(stack):
    with scratch(stack.environment("order_service")["ORDER_DB_URI"]) as engine:
        yield engine


@pytest.fixture
def books(engine):
    return PostgresBooks(engine)


def sold(books, *lines):
    order = an_order(*(lines or [a_line(commission_minor=90)]))
    with books.transaction() as orders:
        orders.add(order, Claim(order.customer_id, order.id, ""), NOON)
    with books.transaction() as orders:
        order = orders.get(order.id)
        order.confirm()
        orders.save(order, NOON)
    return order


def paid(books):
    with books.transaction() as door:
        return door.payouts.run(iter(new_id, None), NOON.replace(hour=13), NOON)


def test_any_history_adds_up(stack):
    uri = stack.environment("order_service")["ORDER_DB_URI"]

    @settings(
        max_examples=HISTORIES,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.binary(min_size=80, max_size=200))
    def of_the_same_books(text):
        with scratch(uri) as engine:
            Market(PostgresBooks(engine)).live(text)

    of_the_same_books()


def test_a_sale_is_posted_in_the_transaction_that_confirms_its_order(books):
    order = an_order(a_line(commission_minor=90))
    with books.transaction() as orders:
        orders.add(order, Claim(order.customer_id, order.id, ""), NOON)

    def confirm_and_die():
        with books.transaction() as orders:
            loaded = orders.get(order.id)
            loaded.confirm()
            orders.save(loaded, NOON)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        confirm_and_die()

    with books.transaction() as orders:
        assert orders.get(order.id).status == "pending"
    assert books.posted() == {}


def test_what_is_sold_comes_back_as_it_was_agreed(books):
    line = a_line(category="pots", commission_bp=500, commission_minor=45)

    order = sold(books, line)

    with books.transaction() as orders:
        assert orders.get(order.id).items == (line,)


def test_nothing_is_posted_twice(books):
    order = sold(books)

    with pytest.raises(IntegrityError), books.transaction() as orders:
        orders.ledger.post([ledger.sale(order)], NOON)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_past_cannot_be_changed(books, engine, table, change):
    with books.transaction() as door:
        door.commissions.add(a_rule())
    sold(books)
    paid(books)
    column = {"payout_batches": "closed_at", "commission_rules": "rate_bp"}
    name = column.get(table, "currency" if table != "order_lines" else "title")

    with pytest.raises(IntegrityError, match="is refused"), engine.begin() as database:
        database.execute(text(change.format(table, name, name)))


def a_rule():
    return Rule(new_id(), None, None, 500, NOON)


@pytest.mark.parametrize("table", TABLES)
def test_the_past_cannot_be_emptied(engine, table):
    with pytest.raises(IntegrityError, match="is refused"), engine.begin() as database:
        database.execute(text(f"TRUNCATE {table} CASCADE"))


UNBALANCED = {
    "a debit alone": [(0, "customer", 900, None)],
    "a penny too much": [
        (0, "customer", 900, None),
        (1, "seller_payable", -899, SELLER),
    ],
    "a gap": [(0, "customer", 900, None), (2, "seller_payable", -900, SELLER)],
}


@pytest.mark.parametrize("entries", UNBALANCED.values(), ids=UNBALANCED)
def test_entries_that_do_not_balance_are_not_kept(books, engine, entries):
    with books.transaction() as orders:
        order = an_order()
        orders.add(order, Claim(order.customer_id, order.id, ""), NOON)

    with pytest.raises(IntegrityError, match="differ"), engine.begin() as database:
        database.execute(INSERT, [entry_row(order.id, *entry) for entry in entries])

    assert books.posted() == {}


def test_nothing_is_added_to_what_was_posted(books, engine):
    order = sold(books)

    with pytest.raises(IntegrityError, match="differ"), engine.begin() as database:
        database.execute(INSERT, entry_row(order.id, 3, "customer", 5, None))


INSERT = text(
    "INSERT INTO ledger_entries (transaction_id, position, kind, account, amount_minor,"
    " currency, seller_id, order_id, at) VALUES (:id, :position, 'sale', :account,"
    " :amount, 'GBP', :seller_id, :id, :at)"
)


def entry_row(order_id, position, account, amount, seller_id):
    return {
        "id": order_id,
        "position": position,
        "account": account,
        "amount": amount,
        "seller_id": seller_id,
        "at": NOON,
    }


def test_to_a_closed_batch_nothing_is_added(books, engine):
    sold(books)
    batch = paid(books)
    late = (
        "INSERT INTO payouts (id, batch_id, seller_id, amount_minor, currency)"
        " VALUES (:id, :batch, :id, 1, 'GBP')"
    )

    with pytest.raises(IntegrityError, match="is closed"), engine.begin() as database:
        database.execute(text(late), {"id": new_id(), "batch": batch.id})


def test_a_batch_is_kept_with_its_payouts_and_closed(books):
    sold(books)

    batch = paid(books)

    assert isinstance(batch, Batch)
    assert batch.payouts == (Payout(batch.payouts[0].id, SELLER, pounds(810)),)
    with books.transaction() as door:
        assert door.payouts.find(batch.id) == batch
        assert door.payouts.find(new_id()) is None
        balance = door.ledger.balance(SELLER)
    assert (balance.payable, balance.paid_out) == (pounds(0), pounds(810))


def test_two_who_pay_at_once_pay_once(books):
    sold(books)

    with ThreadPoolExecutor(1) as pool:
        with books.transaction() as mine:
            ids = iter(new_id, None)
            first = mine.payouts.run(ids, NOON.replace(hour=13), NOON)
            other = pool.submit(paid, books)
            eventually(lambda: somebody_waits_for(mine.session), True)
        second = other.result()

    assert first is not None
    assert second is None


def somebody_waits_for(session):
    waiting = (
        "SELECT EXISTS (SELECT FROM pg_locks"
        " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
    )
    return session.scalar(text(waiting))


def test_a_long_order_is_posted_and_given_back_in_good_time(books):
    """Of a thousand lines: adding up is linear, not once for each entry."""
    lines = [a_line(product_id=new_id(), commission_minor=90) for _ in range(1000)]

    order = sold(books, *lines)

    with books.transaction() as orders:
        before = orders.ledger.of_order(order.id)
        posting = giving_back.refund(order.id, new_id(), pounds(7), before)
        orders.ledger.post([posting], NOON)
    assert len(books.posted()) == 2001 + len(posting.entries)


class TestMigration:
    @pytest.fixture
    def alembic(self, stack, monkeypatch, engine):
        """The migrations, on a schema with nothing in it."""
        schema = f"test_{new_id().replace('-', '')}"
        uri = stack.environment("order_service")["ORDER_DB_URI"]
        path = f"options=-csearch_path%3D{schema}"
        monkeypatch.setenv("ORDER_DB_URI", uri + ("&" if "?" in uri else "?") + path)
        with engine.begin() as database:
            database.execute(text(f"CREATE SCHEMA {schema}"))
        yield migrate.DATABASES["orders"].alembic()
        with engine.begin() as database:
            database.execute(text(f"DROP SCHEMA {schema} CASCADE"))

    @pytest.fixture
    def migrated(self, alembic):
        engine = create_engine(with_driver(alembic.attributes["uri"]))
        yield engine
        engine.dispose()

    def test_what_was_sold_before_is_owed_to_its_sellers(self, alembic, migrated):
        command.upgrade(alembic, "0003")
        orders = {status: old_order(migrated, status) for status in OLD}
        command.upgrade(alembic, "0006")

        with Session(migrated) as session:
            repository = LedgerRepository(session)
            posted = {
                status: [entry.amount for entry in repository.of_order(order_id)]
                for status, order_id in orders.items()
            }
            owed = repository.balance(SELLER).payable
        assert posted == {"confirmed": [900, -900], "pending": [], "rejected": []}
        assert owed == pounds(900)

    def test_it_can_be_taken_back(self, alembic, migrated):
        command.upgrade(alembic, "0006")
        command.downgrade(alembic, "0005")
        command.upgrade(alembic, "0006")

        refused = pytest.raises(IntegrityError, match="is refused")
        with refused, migrated.begin() as database:
            database.execute(text("DELETE FROM ledger_entries"))


OLD = ("confirmed", "pending", "rejected")


def old_order(engine, status):
    """As it was kept before there was a ledger."""
    order_id = new_id()
    order = (
        "INSERT INTO orders (id, number, customer_id, status, step, total_minor,"
        " currency, from_cart, payment_token, payment_status, shipping_address,"
        " placed_at, resume_at, attempts, version) VALUES (:id, :id, :id, :status,"
        " 'done', 900, 'GBP', false, '', 'captured', '{}', :at, :at, 0, 1)"
    )
    line = (
        "INSERT INTO order_lines (order_id, position, product_id, seller_id, sku,"
        " title, quantity, unit_price_minor)"
        " VALUES (:id, 0, :id, :seller, '', '', 2, 450)"
    )
    with engine.begin() as database:
        values = {"id": order_id, "status": status, "at": NOON, "seller": SELLER}
        database.execute(text(order), values)
        database.execute(text(line), values)
    return order_id
