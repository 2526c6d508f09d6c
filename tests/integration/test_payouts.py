"""The operator sets commissions and pays the sellers."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from common.database import with_driver
from common.ids import new_id
from ops.cli import main
from order_service.domain import ledger
from order_service.storage.models import OrderBase
from order_service.storage.repository import Claim
from tests.builders import a_line, an_order, pounds
from tests.scratch import PostgresOrders

ELLA, FINN = new_id(), new_id()
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def books(stack, monkeypatch):
    """Orders and books of the test's own, which the operator's commands use."""
    for name, value in stack.operator.items():
        monkeypatch.setenv(name, value)
    schema = f"test_{new_id().replace('-', '')}"
    uri = stack.environment("order_service")["ORDER_DB_URI"]
    own = f"{uri}{'&' if '?' in uri else '?'}options=-csearch_path%3D{schema}"
    monkeypatch.setenv("ORDER_DB_URI", own)
    engine = create_engine(with_driver(own))
    with engine.begin() as database:
        database.execute(text(f"CREATE SCHEMA {schema}"))
        OrderBase.metadata.create_all(database)
    yield PostgresOrders(engine)
    with engine.begin() as database:
        database.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


def sell(books, seller_id, pence, at=YESTERDAY):
    line = a_line(seller_id=seller_id, quantity=1, unit_price=pounds(pence))
    order = an_order(line)
    with books.transaction() as orders:
        orders.add(order, Claim(order.customer_id, order.id, ""), at)
        orders.ledger.post([ledger.sale(order)], at)
    return order


def told(*words):
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def refused(*words):
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code != 0
    return done.output


class TestPayouts:
    def test_all_who_are_owed_are_paid_once(self, books):
        sell(books, ELLA, 123_450)
        sell(books, FINN, 70)

        batch = json.loads(told("payouts", "run", "--json"))["batch"]

        paid = {
            each["seller_id"]: each["amount"]["amount"] for each in batch["payouts"]
        }
        assert paid == {ELLA: 123_450, FINN: 70}
        assert batch["total"] == {"amount": 123_520, "currency": "GBP"}
        assert json.loads(told("payouts", "run", "--json")) == {"batch": None}
        assert told("payouts", "run") == "nobody is owed anything\n"

    def test_the_operator_reads_who_was_paid(self, books):
        sell(books, ELLA, 123_450)

        lines = told("payouts", "run").splitlines()

        assert lines[1] == f"  {ELLA}          GBP 1,234.50"
        assert lines[2] == "  1 paid  GBP 1,234.50"
        assert max(map(len, lines)) <= 80

    def test_batches_are_kept(self, books):
        sell(books, ELLA, 100)
        first = json.loads(told("payouts", "run", "--json"))["batch"]
        sell(books, FINN, 200)
        second = json.loads(told("payouts", "run", "--json"))["batch"]

        kept = json.loads(told("payouts", "list", "--json"))["items"]
        listed = told("payouts", "list").splitlines()

        assert kept == [second, first]
        assert [line.split()[0] for line in listed] == [second["id"], first["id"]]
        assert max(map(len, listed)) <= 80
        assert json.loads(told("payouts", "show", first["id"], "--json")) == first
        assert ELLA in told("payouts", "show", first["id"])
        assert json.loads(told("payouts", "list", "--json", "--limit", "1")) == {
            "items": [second]
        }

    def test_what_was_sold_later_is_not_paid_yet(self, books):
        sell(books, ELLA, 100)
        until = (YESTERDAY + timedelta(hours=1)).isoformat()
        sell(books, ELLA, 50, at=datetime.now(UTC))

        batch = json.loads(told("payouts", "run", "--until", until, "--json"))["batch"]

        assert batch["total"]["amount"] == 100

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            (["run", "--until", "2999-01-01"], "is still to come"),
            (["run", "--until", "soon"], "is not a moment"),
            (["show", "nothing"], "there is no batch nothing"),
        ],
    )
    def test_what_cannot_be_done_is_told(self, books, words, why):
        assert why in refused("payouts", *words)


class TestCommissions:
    def test_without_a_rule_it_is_a_tenth_of_all(self, books):
        assert told("commissions", "list") == "10.00%  of all others\n"

    def test_a_rule_holds_until_it_is_ended(self, books, cast):
        seller = cast.stranger.get("/v1/sellers").body["items"][0]["id"]

        told("commissions", "set", "12.5", "--seller", seller)
        told("commissions", "set", "7%", "--category", "kitchen")
        assert told("commissions", "list").splitlines() == [
            f" 12.50%  seller {seller}, category any",
            "  7.00%  seller any, category kitchen",
            "10.00%  of all others",
        ]
        told("commissions", "end", "--seller", seller)

        left = json.loads(told("commissions", "list", "--json"))["items"]
        assert [(rule["category"], rule["rate_bp"]) for rule in left] == [
            ("kitchen", 700)
        ]

    def test_a_rule_for_all_takes_the_place_of_the_tenth(self, books):
        told("commissions", "set", "0")

        assert told("commissions", "list") == "  0.00%  seller any, category any\n"

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            (["set", "10", "--category", "kitchn"], "there is no category kitchn"),
            (["set", "10", "--seller", ELLA], f"There is no seller {ELLA}"),
            (["set", "101"], "is not 0 to 100"),
            (["set", "1.005"], "is not 0 to 100"),
            (["set", "NaN"], "is not 0 to 100"),
            (["end", "--category", "kitchen"], "there is no such rule"),
        ],
    )
    def test_a_rule_that_cannot_hold_is_refused(self, books, words, why):
        assert why in refused("commissions", *words)
