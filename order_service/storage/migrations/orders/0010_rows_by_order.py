"""Expand: one cart in checkout at a time by its key, and rows found by order as well.

The latter are what the next migration makes primary keys of, so that it need not build
them while everybody waits.
"""

import sqlalchemy as sa
from alembic import op

from common.migrating import build_index

revision = "0010"
down_revision = "0009"

# Of those that are found by something else than their order.
KEYS = {
    "fulfilments": "id",
    "order_history": "position",
    "refunds": "id",
    "payment_operations": "key",
}


def upgrade() -> None:
    build_index(
        "ix_keys_cart_in_checkout",
        "idempotency_keys",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("from_cart AND answer IS NULL"),
    )
    for table, key in KEYS.items():
        build_index(f"{table}_before_pkey", table, [key, "order_id"], unique=True)


def downgrade() -> None:
    for table in KEYS:
        op.drop_index(f"{table}_before_pkey", table_name=table)
    op.drop_index("ix_keys_cart_in_checkout", table_name="idempotency_keys")
