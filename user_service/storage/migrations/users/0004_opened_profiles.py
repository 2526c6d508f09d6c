"""Which profiles have an account; all that are there count as such."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # The default is for those who sign up through what does not know of it yet.
    op.add_column(
        "profiles",
        sa.Column(
            "opened", sa.Boolean(), server_default=sa.text("true"), nullable=False
        ),
    )
    op.create_index(
        "ix_profiles_unopened",
        "profiles",
        ["created_at"],
        postgresql_where=sa.text("NOT opened"),
    )


def downgrade() -> None:
    op.drop_index("ix_profiles_unopened", "profiles")
    op.drop_column("profiles", "opened")
