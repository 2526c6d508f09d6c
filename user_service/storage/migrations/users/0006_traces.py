"""Which trace an event belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column(
        "outbox", sa.Column("traceparent", sa.String(length=55), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("outbox", "traceparent")
