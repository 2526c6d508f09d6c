"""Fulfilments, refunds, and the history of an order."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

Identity = sa.String(length=36)
Moment = sa.DateTime(timezone=True)
Json = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "order_history",
        sa.Column(
            "position", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("order_id", Identity, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("actor_id", Identity, nullable=True),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("details", Json, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index(
        "ix_order_history_of_order", "order_history", ["order_id", "position"]
    )
    op.create_table(
        "refunds",
        sa.Column("id", Identity, nullable=False),
        sa.Column("order_id", Identity, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("requested_by_role", sa.String(), nullable=False),
        sa.Column("requested_by_id", Identity, nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("returned_items", Json, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("done_at", Moment, nullable=True),
        sa.Column("resume_at", Moment, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_refunds_of_order", "refunds", ["order_id"])
    op.create_index(
        "ix_refunds_to_do",
        "refunds",
        ["resume_at"],
        postgresql_where=sa.text("status <> 'done'"),
    )
    op.create_table(
        "request_keys",
        sa.Column("asker_id", Identity, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("order_id", Identity, nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.PrimaryKeyConstraint("asker_id", "key"),
    )
    op.create_index(op.f("ix_request_keys_order_id"), "request_keys", ["order_id"])
    op.create_index(op.f("ix_request_keys_created_at"), "request_keys", ["created_at"])
    op.create_index(
        "ix_fulfilments_of_seller", "fulfilments", ["seller_id", "order_id"]
    )
    op.add_column(
        "orders",
        sa.Column(
            "refunded_minor", sa.BigInteger(), nullable=False, server_default="0"
        ),
    )
    # Of a cart that is being bought twice already, it is the first order that is
    # the cart's.
    op.execute(
        "UPDATE orders SET from_cart = false WHERE from_cart AND step <> 'done'"
        " AND EXISTS (SELECT FROM orders AS one"
        " WHERE one.customer_id = orders.customer_id AND one.id < orders.id"
        " AND one.from_cart AND one.step <> 'done')"
    )
    op.create_index(
        "ix_orders_cart_in_checkout",
        "orders",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("from_cart AND step <> 'done'"),
    )
    # Nobody is to send a part of an order that was given up.
    op.execute(
        "UPDATE fulfilments SET status = 'cancelled' FROM orders"
        " WHERE orders.id = order_id AND orders.status = 'rejected'"
    )
    # Of what happened before anybody kept a history, this much is known.
    op.execute(
        "INSERT INTO order_history (order_id, at, role, actor_id, event, details)"
        " SELECT id, placed_at, 'customer', customer_id, 'order.placed', '{}'"
        " FROM orders ORDER BY id"
    )


def downgrade() -> None:
    op.execute("UPDATE fulfilments SET status = 'pending' WHERE status = 'cancelled'")
    op.drop_index("ix_orders_cart_in_checkout", table_name="orders")
    op.drop_column("orders", "refunded_minor")
    op.drop_index("ix_fulfilments_of_seller", table_name="fulfilments")
    op.drop_table("request_keys")
    op.drop_table("refunds")
    op.drop_table("order_history")
