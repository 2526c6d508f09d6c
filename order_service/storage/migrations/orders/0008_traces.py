"""Which trace an event, or an order that is taken up again, belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for table in ("outbox", "orders"):
        op.add_column(
            table, sa.Column("traceparent", sa.String(length=55), nullable=True)
        )


def downgrade() -> None:
    for table in ("outbox", "orders"):
        op.drop_column(table, "traceparent")
