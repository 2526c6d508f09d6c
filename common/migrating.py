"""Steps of migrations that take no lock for long."""

from collections.abc import Sequence
from typing import Any

from alembic import op

# A change that waits for its lock has everybody else wait behind it: it gives up,
# changes nothing, and is tried again later.
LOCK_TIMEOUT = "2s"


def build_index(name: str, table: str, columns: Sequence[Any], **options: Any) -> None:
    """Build an index while the shop goes on writing; ``options`` as of ``op``.

    What a try before this one has left, invalid, goes first.  The transaction so far
    is committed: a migration does this last, or does nothing else.
    """
    with op.get_context().autocommit_block():
        # It waits for transactions that began before it, and nobody waits for it.
        op.execute("SET lock_timeout = 0")
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
