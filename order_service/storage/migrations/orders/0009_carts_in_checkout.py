"""Expand: keys say whose cart is in checkout, and rows can be told by order as well.

What runs without it goes on as before.  The indexes are those that the next one makes
primary keys of, so that it need not build them while everybody waits.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
accepted = {"whole-table-write": "the keys of orders that are under way, and no others"}

# Of those that are found by something else than their order.
KEYS = {
    "fulfilments": "id",
    "order_history": "position",
    "refunds": "id",
    "payment_operations": "key",
}
UNDER_WAY = """
UPDATE idempotency_keys AS known SET from_cart = true FROM orders
WHERE orders.id = known.order_id AND orders.from_cart AND orders.step <> 'done'
    AND known.answer IS NULL
"""


def upgrade() -> None:
    op.add_column(
        "idempotency_keys",
        sa.Column(
            "from_cart", sa.Boolean(), nullable=False, server_default=sa.text("false")
        ),
    )
    op.execute(UNDER_WAY)
    op.create_table(
        "archived_months",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("until_id", sa.String(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_keys_cart_in_checkout",
            "idempotency_keys",
            ["customer_id"],
            unique=True,
            postgresql_where=sa.text("from_cart AND answer IS NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        for table, key in KEYS.items():
            op.create_index(
                f"{table}_before_pkey",
                table,
                [key, "order_id"],
                unique=True,
                postgresql_concurrently=True,
                if_not_exists=True,
            )


def downgrade() -> None:
    for table in KEYS:
        op.drop_index(f"{table}_before_pkey", table_name=table)
    op.drop_table("archived_months")
    op.drop_index("ix_keys_cart_in_checkout", table_name="idempotency_keys")
    op.drop_column("idempotency_keys", "from_cart")
