"""Payments, each step recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ADDS_UP = (
    "0 <= refunded_minor AND refunded_minor <= captured_minor"
    " AND captured_minor <= amount_minor"
)

# An order was charged its total in one step, so what became of it tells the rest.
# What was under way is taken up again: each step may be repeated.
UPGRADE = r"""
UPDATE orders SET step = 'reserve' WHERE step = 'checkout';
UPDATE orders SET step = 'void' WHERE step = 'compensate';

INSERT INTO payments
SELECT order_id, 'sandbox', charge.id, amount_minor, charge.currency,
    captured_minor, 0, CASE outcome WHEN 'captured' THEN 'captured'
                                    WHEN 'voided' THEN 'voided' ELSE 'pending' END
FROM sandbox_charges AS charge JOIN orders ON orders.id = order_id;

INSERT INTO payment_operations
    (key, order_id, kind, amount_minor, outcome, reference, reason, at)
SELECT known.order_id || ':' || kind, known.order_id, kind, amount_minor, result,
    reference, reason, placed_at
FROM (
    SELECT order_id, 'authorise', amount_minor, 'done', id, NULL
        FROM sandbox_charges WHERE outcome = 'captured'
    UNION ALL SELECT order_id, 'capture', amount_minor, 'done', id, NULL
        FROM sandbox_charges WHERE outcome = 'captured'
    UNION ALL SELECT order_id, 'authorise', amount_minor, 'declined', NULL, 'declined'
        FROM sandbox_charges WHERE outcome = 'declined'
    UNION ALL SELECT order_id, 'void', 0, 'done', NULL, NULL
        FROM sandbox_charges WHERE outcome = 'voided'
) AS known (order_id, kind, amount_minor, result, reference, reason)
JOIN orders ON orders.id = known.order_id;

INSERT INTO sandbox_requests
SELECT order_id || '\:authorise',
    CASE outcome WHEN 'captured' THEN id END,
    CASE outcome WHEN 'captured' THEN 'authorised' ELSE outcome END, attempts
FROM sandbox_charges;

INSERT INTO sandbox_requests
SELECT order_id || '\:capture', id, 'authorised', 1
FROM sandbox_charges WHERE outcome = 'captured';

DELETE FROM sandbox_charges WHERE outcome <> 'captured';
"""

DOWNGRADE = r"""
UPDATE orders SET step = 'checkout'
WHERE step IN ('reserve', 'authorise', 'commit', 'capture');
UPDATE orders SET step = 'compensate' WHERE step IN ('void', 'release');

INSERT INTO sandbox_charges (id, order_id, amount_minor, currency, outcome, attempts)
SELECT split_part(key, ':', 1), split_part(key, ':', 1), 0, 'GBP', answer, attempts
FROM sandbox_requests WHERE key LIKE '%\:authorise' AND charge_id IS NULL;
"""


def upgrade() -> None:
    op.create_table(
        "payments",
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.CheckConstraint(ADDS_UP, name="ck_payments_add_up"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_table(
        "payment_operations",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["order_id"], ["payments.order_id"]),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(
        op.f("ix_payment_operations_order_id"), "payment_operations", ["order_id"]
    )
    op.create_table(
        "payment_events",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "sandbox_requests",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("charge_id", sa.String(length=36), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    # Of old charges the order's id is the charge's as well.
    op.add_column("sandbox_charges", sa.Column("id", sa.String(length=36)))
    op.add_column("sandbox_charges", sa.Column("captured_minor", sa.BigInteger()))
    op.add_column("sandbox_charges", sa.Column("refunded_minor", sa.BigInteger()))
    op.add_column("sandbox_charges", sa.Column("voided", sa.Boolean()))
    op.execute(
        "UPDATE sandbox_charges SET id = order_id, refunded_minor = 0, voided = false,"
        " captured_minor = CASE outcome WHEN 'captured' THEN amount_minor ELSE 0 END"
    )
    op.execute(UPGRADE)
    op.drop_constraint("sandbox_charges_pkey", "sandbox_charges")
    op.create_primary_key("sandbox_charges_pkey", "sandbox_charges", ["id"])
    for name in ("captured_minor", "refunded_minor", "voided"):
        op.alter_column("sandbox_charges", name, nullable=False)
    op.drop_column("sandbox_charges", "outcome")
    op.drop_column("sandbox_charges", "attempts")
    op.create_check_constraint("ck_sandbox_charges_add_up", "sandbox_charges", ADDS_UP)
    op.create_index(
        op.f("ix_sandbox_charges_order_id"), "sandbox_charges", ["order_id"]
    )


def downgrade() -> None:
    """What was given back in part is lost: the old tables have no place for it."""
    op.drop_index(op.f("ix_sandbox_charges_order_id"), table_name="sandbox_charges")
    op.drop_constraint("ck_sandbox_charges_add_up", "sandbox_charges")
    op.add_column("sandbox_charges", sa.Column("outcome", sa.String()))
    op.add_column("sandbox_charges", sa.Column("attempts", sa.Integer()))
    op.execute(
        "UPDATE sandbox_charges SET attempts = 1, outcome = CASE"
        " WHEN voided OR refunded_minor = captured_minor AND captured_minor > 0"
        " THEN 'voided' WHEN captured_minor > 0 THEN 'captured' ELSE 'failed' END"
    )
    for name in ("captured_minor", "refunded_minor", "voided"):
        op.drop_column("sandbox_charges", name)
    op.execute(DOWNGRADE)
    op.drop_column("sandbox_charges", "id")
    op.create_primary_key("sandbox_charges_pkey", "sandbox_charges", ["order_id"])
    op.alter_column("sandbox_charges", "outcome", nullable=False)
    op.alter_column("sandbox_charges", "attempts", nullable=False)
    op.drop_table("sandbox_requests")
    op.drop_table("payment_events")
    op.drop_index(
        op.f("ix_payment_operations_order_id"), table_name="payment_operations"
    )
    op.drop_table("payment_operations")
    op.drop_table("payments")
