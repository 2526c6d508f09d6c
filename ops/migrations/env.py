"""How Alembic reaches the one database that ``ops.migrate`` asks for."""

import re

from alembic import context
from sqlalchemy import create_engine

from common.migrating import LOCK_TIMEOUT

settings = context.config.attributes
# The months that a table is cut into are no models of their own.
MONTH = re.compile(r".*_(before|\d{4}_\d{2})")


def is_ours(name: str | None, kind: str, _: object) -> bool:
    return kind != "table" or not MONTH.fullmatch(name or "")


with create_engine(settings["uri"]).connect() as connection:
    connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    connection.commit()
    # What is built beside a running shop (CREATE INDEX CONCURRENTLY) ends its
    # transaction; the migrations before it are done then.
    context.configure(
        connection,
        target_metadata=settings["metadata"],
        include_name=is_ours,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
