"""What may hurt a running shop is refused, with the way that does not."""

import pytest
import sqlalchemy as sa
from alembic import op

from common.migrating import build_index
from ops.schema_changes.checking import ADVICE, check
from ops.schema_changes.revisions import Revision, sent

RELEASED = {"orders/0007"}


def orders_of(sql: str, **said: object) -> Revision:
    return Revision("orders/0009", sql, "sha", **said)  # type: ignore[arg-type]


def rules(sql: str, columns=(), **said: object) -> list[str]:
    found = check(orders_of(f"{sql};", **said), RELEASED, columns)
    return [each.rule for each in found]


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("ALTER TABLE orders ADD COLUMN gift text NOT NULL", "adding-required-field"),
        ("ALTER TABLE orders RENAME COLUMN step TO stage", "renaming-column"),
        ("ALTER TABLE orders RENAME TO purchases", "renaming-table"),
        ("ALTER TABLE orders DROP COLUMN step", "ban-drop-column"),
        ("DROP TABLE refunds", "ban-drop-table"),
        ("ALTER TABLE orders ALTER COLUMN step DROP NOT NULL", "ban-drop-not-null"),
        (
            "ALTER TABLE orders ALTER COLUMN gift SET NOT NULL",
            "adding-not-nullable-field",
        ),
        (
            "ALTER TABLE orders ALTER COLUMN version TYPE bigint",
            "changing-column-type",
        ),
        (
            "ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid()",
            "adding-field-with-default",
        ),
        ("CREATE INDEX soon ON orders (step)", "require-concurrent-index-creation"),
        ("DROP INDEX ix_orders_to_do", "require-concurrent-index-deletion"),
        (
            "CREATE INDEX CONCURRENTLY soon ON orders (step)",
            "ban-concurrent-index-creation-in-transaction",
        ),
        (
            "ALTER TABLE orders ADD CONSTRAINT paid CHECK (total_minor > 0)",
            "constraint-missing-not-valid",
        ),
        (
            "ALTER TABLE orders ADD CONSTRAINT one UNIQUE (payment_token)",
            "disallowed-unique-constraint",
        ),
        ("UPDATE orders SET step = 'done'", "whole-table-write"),
        ("DELETE FROM ONLY orders WHERE step = 'done'", "whole-table-write"),
        (
            "WITH old AS (SELECT id FROM orders) UPDATE orders SET step = 'done'",
            "whole-table-write",
        ),
        ("DO $$ BEGIN UPDATE orders SET step = 'done'; END $$", "hidden-in-do"),
        ("LOCK TABLE orders", "table-stands-still"),
        ("TRUNCATE outbox", "table-stands-still"),
        (
            "ALTER TABLE orders ATTACH PARTITION old FOR VALUES FROM (1) TO (2)",
            "attach-needs-check",
        ),
        ("ALTER TABLE orders ADD COLUMN", "syntax-error"),
    ],
)
def test_what_blocks_or_breaks_is_refused(sql, rule):
    assert rule in rules(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE orders ADD COLUMN gift text",
        "ALTER TABLE orders ADD COLUMN gift boolean DEFAULT false NOT NULL",
        "CREATE TABLE gifts (id bigint PRIMARY KEY, note text NOT NULL)",
        "ALTER TABLE orders ADD CONSTRAINT paid CHECK (total_minor > 0) NOT VALID",
        "ALTER TABLE orders VALIDATE CONSTRAINT paid",
        "ALTER TABLE orders ALTER COLUMN gift SET DEFAULT 'none'",
        "INSERT INTO commission_rules SELECT * FROM others",
        "WITH held AS (SELECT id FROM orders FOR UPDATE) SELECT * FROM held",
        "COMMENT ON TABLE orders IS 'UPDATE orders; DELETE FROM orders'",
        "-- DELETE FROM orders\nALTER TABLE orders ADD COLUMN gift text",
    ],
)
def test_what_only_adds_may_run(sql):
    assert rules(sql) == []


def test_a_new_table_may_be_made_as_one_likes():
    new = "CREATE TABLE gifts (id bigint)"
    fill = "UPDATE gifts SET id = 1"

    assert rules(f"{new}; CREATE INDEX soon ON gifts (id); {fill}") == []


def test_the_body_of_a_function_is_no_statement():
    body = "BEGIN UPDATE orders SET step = 'done'; END"

    assert (
        rules(f"CREATE FUNCTION f() RETURNS trigger AS $$ {body} $$ LANGUAGE x") == []
    )


def test_a_check_is_not_validated_under_the_lock_that_added_it():
    add = "ALTER TABLE orders ADD CONSTRAINT paid CHECK (total_minor > 0) NOT VALID"

    found = rules(f"{add}; ALTER TABLE orders VALIDATE CONSTRAINT paid")

    assert found == ["constraint-missing-not-valid"]


def test_every_rule_says_what_to_do_instead():
    assert all(ADVICE.values())


class TestContracting:
    DROP = "ALTER TABLE orders DROP COLUMN step"

    def test_what_nobody_uses_any_more_may_go(self):
        assert rules(self.DROP, phase="contract", after="0007") == []

    @pytest.mark.parametrize("after", ["", "0008"])
    def test_the_release_that_does_without_it_is_out_first(self, after):
        found = rules(self.DROP, phase="contract", after=after)

        assert found == ["contract-too-early"]

    def test_what_the_code_still_has_stays(self):
        columns = {("orders", "step")}

        found = rules(self.DROP, columns, phase="contract", after="0007")

        assert found == ["contract-in-use"]

    def test_it_is_no_leave_to_lock(self):
        found = rules("DROP INDEX soon", phase="contract", after="0007")

        assert found == ["require-concurrent-index-deletion"]

    def test_there_is_no_third_phase(self):
        assert rules("SELECT 1", phase="migrate") == ["phase"]


class TestAccepting:
    FILL = "UPDATE payout_batches SET closed_at = now()"

    def test_a_reason_makes_it_a_decision(self):
        accepted = {"whole-table-write": "there are twelve a year"}

        assert rules(self.FILL, accepted=accepted) == []

    def test_no_reason_is_none(self):
        found = rules(self.FILL, accepted={"whole-table-write": " "})

        assert found == ["accepted-unsaid"]

    def test_what_is_not_there_is_not_accepted(self):
        found = rules("SELECT 1", accepted={"renaming-table": "we stand still"})

        assert found == ["accepted-in-vain"]


class Migration:
    """As Alembic would load it."""

    def __init__(self, upgrade):
        self.upgrade = upgrade


def test_a_finding_shows_the_statement():
    def upgrade():
        op.add_column("orders", sa.Column("gift", sa.String()))
        op.create_index("soon", "orders", ["gift"])

    [found] = check(orders_of(sent(Migration(upgrade))[0]), RELEASED)

    assert found.statement == "CREATE INDEX soon ON orders (gift)"
    assert str(found).startswith("orders/0009: require-concurrent-index-creation: ")


def test_an_index_that_is_built_beside_the_shop_may_be():
    def upgrade():
        build_index("soon", "orders", ["step"])

    assert rules(sent(Migration(upgrade))[0]) == []


class TestAsking:
    @staticmethod
    def upgrade():
        op.drop_index("soon", "orders")
        if op.get_bind().execute(sa.text("SELECT 1")).scalar():
            op.drop_table("orders")

    def found(self, **said):
        sql, asks = sent(Migration(self.upgrade))
        return [
            each.rule for each in check(orders_of(sql, asks=asks, **said), RELEASED)
        ]

    def test_what_depends_on_the_data_cannot_be_seen_beforehand(self):
        assert self.found() == [
            "asks-the-database",
            "require-concurrent-index-deletion",
        ]

    def test_it_may_say_what_it_does_at_the_worst(self):
        accepted = {"asks-the-database": "it makes empty tables"}

        assert self.found(accepted=accepted) == ["require-concurrent-index-deletion"]
