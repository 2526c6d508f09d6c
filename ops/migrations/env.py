"""How Alembic reaches the one database that ``ops.migrate`` asks for."""

from alembic import context
from sqlalchemy import create_engine

settings = context.config.attributes

with create_engine(settings["uri"]).begin() as connection:
    context.configure(connection, target_metadata=settings["metadata"])
    context.run_migrations()
