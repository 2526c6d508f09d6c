"""Brings every database to what the code expects; may be repeated."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

from alembic import command
from alembic.config import Config
from psycopg2.errors import LockNotAvailable
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from common.database import with_driver
from common.ids import new_id
from ops import reseal
from ops.errors import Problem
from order_service.storage import months
from order_service.storage.models import OrderBase
from product_service.storage import schema
from product_service.storage.provider import connect
from user_service.storage.keys import KeyRepository
from user_service.storage.models import AuthBase, UserBase

ROOT = Path(__file__).parent.parent
# Between tries to get a lock; who waits for one has everybody else wait meanwhile.
PAUSES = (1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class Relational:
    """A PostgreSQL database: where it is, what it holds, how it got there."""

    uri_name: str
    base: type[DeclarativeBase]
    versions: str

    def alembic(self) -> Config:
        config = Config()
        config.set_main_option("script_location", str(ROOT / "ops/migrations"))
        config.set_main_option("version_locations", str(ROOT / self.versions))
        config.set_main_option("path_separator", "os")
        config.attributes["uri"] = with_driver(os.environ[self.uri_name])
        config.attributes["metadata"] = self.base.metadata
        return config


DATABASES = {
    "auth": Relational("AUTH_DB_URI", AuthBase, "user_service/storage/migrations/auth"),
    "users": Relational(
        "USER_DB_URI", UserBase, "user_service/storage/migrations/users"
    ),
    "orders": Relational(
        "ORDER_DB_URI", OrderBase, "order_service/storage/migrations/orders"
    ),
}


def run() -> None:
    """Migrate all databases of the environment's URIs."""
    for name, database in DATABASES.items():
        upgrade(name, database.alembic())
    open_months(os.environ["ORDER_DB_URI"])
    reseal.seal_clear()
    ensure_signing_key(os.environ["AUTH_DB_URI"], os.environ["SIGNING_KEY_SECRET"])
    with connect(os.environ["PRODUCT_MONGO_URI"]) as mongo:
        schema.migrate(mongo.get_default_database())


def upgrade(name: str, alembic: Config) -> None:
    """Go on where a try before it has given up for want of a lock."""
    for pause in (*PAUSES, None):
        try:
            command.upgrade(alembic, "head")
        except OperationalError as trouble:
            if not isinstance(trouble.orig, LockNotAvailable):
                raise
            if pause is None:
                raise Problem(
                    f"a table of {name} is never free for long enough; nothing of this "
                    "migration is done: look for long transactions, and try again"
                ) from None
            sleep(pause)
        else:
            return


def revise(name: str, message: str) -> None:
    """Write the migration that takes a database from its head to the models."""
    command.revision(DATABASES[name].alembic(), message, autogenerate=True)


def open_months(uri: str) -> None:
    """Have places for the orders of a year to come."""
    engine = create_engine(with_driver(uri))
    with engine.begin() as database:
        months.open_months(database, datetime.now(UTC))
    engine.dispose()


def ensure_signing_key(uri: str, secret: str) -> None:
    engine = create_engine(with_driver(uri))
    with Session(engine) as session, session.begin():
        KeyRepository(session, secret).ensure_key(new_id(), datetime.now(UTC))
    engine.dispose()
