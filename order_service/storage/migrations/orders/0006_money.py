"""Commission, the ledger and payouts."""

import sqlalchemy as sa
from alembic import op

from order_service.storage.models.guards import GUARDS, NO_GUARDS

revision = "0006"
down_revision = "0005"

# What was sold before there were commissions, is all its sellers'.
POST_SALES = """
INSERT INTO ledger_entries (
    transaction_id, position, kind, account, amount_minor, currency,
    seller_id, order_id, line, at
)
SELECT id, row_number() OVER (PARTITION BY id ORDER BY line NULLS FIRST) - 1, 'sale',
    account, amount, currency, seller_id, id, line, placed_at
FROM (
    SELECT id, currency, placed_at, 'customer' AS account, total_minor AS amount,
        NULL AS seller_id, NULL::integer AS line
    FROM orders
    UNION ALL
    SELECT id, currency, placed_at, 'seller_payable', -quantity * unit_price_minor,
        seller_id, position
    FROM orders JOIN order_lines ON order_id = id
) AS entry
WHERE amount <> 0 AND id IN (
    SELECT id FROM orders WHERE status NOT IN ('pending', 'rejected')
)
"""


def upgrade() -> None:
    op.add_column("order_lines", sa.Column("category", sa.String(), nullable=True))
    for name, kind in (
        ("commission_bp", sa.Integer()),
        ("commission_minor", sa.BigInteger()),
    ):
        column = sa.Column(name, kind, nullable=False, server_default="0")
        op.add_column("order_lines", column)
    op.create_table(
        "commission_rules",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("seller_id", sa.String(length=36), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("rate_bp", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rate_bp BETWEEN 0 AND 10000", name="ck_rate"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_commission_rules_of_scope", "commission_rules", ["seller_id", "category"]
    )
    op.create_table(
        "ledger_entries",
        sa.Column("transaction_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("seller_id", sa.String(length=36), nullable=True),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name="ck_amount"),
        sa.CheckConstraint("position >= 0", name="ck_position"),
        sa.CheckConstraint(
            "(account IN ('seller_payable', 'commission')) = (seller_id IS NOT NULL)",
            name="ck_seller",
        ),
        sa.CheckConstraint("(kind = 'payout') = (order_id IS NULL)", name="ck_order"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.PrimaryKeyConstraint("transaction_id", "position"),
    )
    op.create_index("ix_ledger_of_order", "ledger_entries", ["order_id"])
    op.create_index(
        "ix_ledger_of_seller",
        "ledger_entries",
        ["seller_id", "kind", "account"],
        postgresql_include=["amount_minor"],
    )
    op.create_table(
        "payout_batches",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "payouts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("seller_id", sa.String(length=36), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name="ck_amount"),
        sa.ForeignKeyConstraint(["batch_id"], ["payout_batches.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_payouts_of_batch", "payouts", ["batch_id"])
    op.execute(POST_SALES)
    op.execute(GUARDS)


def downgrade() -> None:
    op.execute(NO_GUARDS)
    for table in ("payouts", "payout_batches", "ledger_entries", "commission_rules"):
        op.drop_table(table)
    for name in ("commission_minor", "commission_bp", "category"):
        op.drop_column("order_lines", name)
