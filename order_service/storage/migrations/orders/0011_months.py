"""Contract: orders and what belongs to them are cut by month.

No row is copied: what is there becomes the first partition, up to the end of next
month.  That all of it lies below that is checked first, while everybody goes on; then
the tables change places in one short transaction, which gives up rather than have
others wait for it.  Run it once nothing runs that is older than 0010.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from order_service.storage import cutting
from order_service.storage.months import KEYS, Month, open_months

revision = "0011"
down_revision = "0010"
accepted = {
    "renaming-table": "what takes the old name is there when the transaction ends",
    "require-concurrent-index-deletion": "it belongs to the table that changes places",
    "hidden-in-do": "it gives indexes other names, and reads no row",
    "asks-the-database": "it makes empty tables for the months to come",
}

MOST_WAIT = "SET LOCAL lock_timeout = '5s'"


def upgrade() -> None:
    now = datetime.now(UTC)
    bound = Month.of(now).plus(2).first_id
    with op.get_context().autocommit_block():
        for table, key in KEYS.items():
            for statement in cutting.checked(table, key, bound):
                op.execute(statement)
    op.execute(MOST_WAIT)
    for statement in cutting.cut(bound):
        op.execute(sa.text(statement))
    open_months(op.get_bind(), now)


def downgrade() -> None:
    """Copies what has come since; what was archived stays where it is."""
    for statement in cutting.joined():
        op.execute(sa.text(statement))
