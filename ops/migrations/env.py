"""How Alembic reaches the one database that ``ops.migrate`` asks for."""

from alembic import context
from sqlalchemy import create_engine

from common.migrating import LOCK_TIMEOUT

settings = context.config.attributes

with create_engine(settings["uri"]).connect() as connection:
    connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    connection.commit()
    # What is built beside a running shop (CREATE INDEX CONCURRENTLY) ends its
    # transaction; the migrations before it are done then.
    context.configure(
        connection,
        target_metadata=settings["metadata"],
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
