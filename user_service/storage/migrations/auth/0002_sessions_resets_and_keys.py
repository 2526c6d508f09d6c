"""Lives of sessions and keys, password resets, and an outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("accounts", sa.Column("password_changed_at", MOMENT, nullable=True))
    op.create_index(
        "ix_accounts_admins",
        "accounts",
        ["id"],
        postgresql_where=sa.text("'admin' = ANY (roles)"),
    )
    upgrade_sessions()
    upgrade_refresh_tokens()
    add_filled("signing_keys", "signs_at", MOMENT, "created_at")
    create_password_resets()
    create_outbox()


def upgrade_sessions() -> None:
    op.drop_constraint("sessions_account_id_fkey", "sessions", type_="foreignkey")
    month = "started_at + interval '30 days'"
    add_filled("sessions", "expires_at", MOMENT, month)
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"])
    op.create_index(op.f("ix_sessions_ended_at"), "sessions", ["ended_at"])


def upgrade_refresh_tokens() -> None:
    tie_tokens_to_sessions(ondelete="CASCADE")
    seed = "gen_random_uuid()::text || gen_random_uuid()::text"
    add_filled("refresh_tokens", "seed", sa.String(), seed)
    op.drop_column("refresh_tokens", "expires_at")
    op.create_index(op.f("ix_refresh_tokens_used_at"), "refresh_tokens", ["used_at"])


def tie_tokens_to_sessions(ondelete: str | None) -> None:
    name = "refresh_tokens_session_id_fkey"
    op.drop_constraint(name, "refresh_tokens", type_="foreignkey")
    ends = ("refresh_tokens", "sessions", ["session_id"], ["id"])
    op.create_foreign_key(name, *ends, ondelete=ondelete)


def add_filled(table: str, name: str, kind: sa.types.TypeEngine, value: str) -> None:
    """A column that is never null, with ``value``, an expression, in what is there."""
    op.add_column(table, sa.Column(name, kind, nullable=True))
    op.execute(f"UPDATE {table} SET {name} = {value}")  # noqa: S608
    op.alter_column(table, name, nullable=False)


def create_password_resets() -> None:
    op.create_table(
        "password_resets",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    for name in ("account_id", "expires_at"):
        op.create_index(op.f(f"ix_password_resets_{name}"), "password_resets", [name])


def create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("aggregate_id", sa.String(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("event_id"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["position"],
        postgresql_where=sa.text("published_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("outbox")
    op.drop_table("password_resets")
    op.drop_column("signing_keys", "signs_at")
    op.drop_index(op.f("ix_refresh_tokens_used_at"), table_name="refresh_tokens")
    add_filled("refresh_tokens", "expires_at", MOMENT, "now() + interval '30 days'")
    op.drop_column("refresh_tokens", "seed")
    op.drop_index(op.f("ix_sessions_ended_at"), table_name="sessions")
    op.drop_index(op.f("ix_sessions_expires_at"), table_name="sessions")
    op.drop_column("sessions", "expires_at")
    op.execute("DELETE FROM sessions WHERE account_id NOT IN (SELECT id FROM accounts)")
    op.create_foreign_key(
        "sessions_account_id_fkey", "sessions", "accounts", ["account_id"], ["id"]
    )
    tie_tokens_to_sessions(ondelete=None)
    op.drop_index("ix_accounts_admins", table_name="accounts")
    op.drop_column("accounts", "password_changed_at")
