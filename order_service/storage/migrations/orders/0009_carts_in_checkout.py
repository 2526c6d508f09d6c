"""Expand: keys say whose cart is in checkout, and what was archived has a table.

What runs without it goes on as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
accepted = {"whole-table-write": "the keys of orders that are under way, and no others"}

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


def downgrade() -> None:
    op.drop_table("archived_months")
    op.drop_column("idempotency_keys", "from_cart")
