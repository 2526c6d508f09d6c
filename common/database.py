"""PostgreSQL as this shop uses it: nameko-sqlalchemy, with limits."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from eventlet import Timeout
from nameko import config
from nameko_sqlalchemy import Database
from nameko_sqlalchemy.database import DB_URIS_KEY, DatabaseWrapper
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from common import tracing
from common.chaos import fault
from common.metrics.pools import POOLS, of_engine
from common.outages import count_as_outage
from common.tracing.sql import trace_statements

count_as_outage(OperationalError, InterfaceError, PoolTimeout, Timeout)

POOL_SECONDS = 2.0
STATEMENT_MS = 5000
# psycopg2's own connect_timeout does not work under eventlet, hence the Timeout.
TRANSACTION_SECONDS = 8.0

ENGINE: dict[str, Any] = {
    "pool_size": 10,
    "max_overflow": 10,
    "pool_timeout": POOL_SECONDS,
    "pool_recycle": 300,
    "pool_pre_ping": True,
    # What a statement was given stays out of exceptions, and so out of the log.
    "hide_parameters": True,
    "connect_args": {"options": f"-c statement_timeout={STATEMENT_MS}"},
}


class PostgresStore(Database):
    """nameko-sqlalchemy's provider with a bounded pool and a ``ping``."""

    server = "PostgreSQL"

    def __init__(self, declarative_base: type) -> None:
        super().__init__(
            declarative_base,
            engine_options=ENGINE,
            session_options={"expire_on_commit": False},
        )

    def setup(self) -> None:
        uris = config[DB_URIS_KEY]
        own = f"{self.container.service_name}:{self.declarative_base.__name__}"
        config[DB_URIS_KEY] = uris | {own: with_driver(uris[own])}
        super().setup()
        trace_statements(self.engine)
        POOLS.watch("postgres", self.engine, of_engine)

    def ping(self) -> None:
        fault("postgres", away)
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))


def with_driver(uri: str) -> str:
    """``uri`` for the driver that eventlet can make wait without blocking."""
    return uri.replace("postgresql://", "postgresql+psycopg2://", 1)


def away() -> OperationalError:
    """What the driver raises when nobody answers."""
    return OperationalError(None, None, ConnectionError("a fault on purpose"))


@contextmanager
def reachable() -> Iterator[None]:
    fault("postgres", away)
    yield


@contextmanager
def transaction(database: DatabaseWrapper) -> Iterator[Session]:
    """One transaction: committed at the end, rolled back by an exception."""
    limit = Timeout(TRANSACTION_SECONDS)
    # With the commit, which is mostly what takes its time.
    with (
        tracing.span("transaction"),
        limit,
        reachable(),
        database.get_session(close_on_exit=True) as session,
    ):
        yield session
