"""PostgreSQL as this shop uses it: nameko-sqlalchemy, with limits."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import psycopg2
import psycopg2.errors
from eventlet import Timeout
from nameko import config
from nameko_sqlalchemy import Database
from nameko_sqlalchemy.database import DB_URIS_KEY, DatabaseWrapper
from sqlalchemy import Engine, ExceptionContext, event, text
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from common import tracing
from common.chaos import fault
from common.metrics.pools import POOLS, of_engine
from common.outages import count_as_outage
from common.tracing.sql import trace_statements

count_as_outage(OperationalError, InterfaceError, PoolTimeout, Timeout)
# What a server says that follows another one, or has been fenced.
READ_ONLY = psycopg2.errors.lookup("25006")

POOL_SECONDS = 2.0
STATEMENT_MS = 5000
# psycopg2's own connect_timeout does not work under eventlet, hence the Timeout.
TRANSACTION_SECONDS = 8.0
# A connection that was used so short a time ago is not asked whether it still is one.
FRESH_SECONDS = 1.0
USED_AT = "shopnow_used_at"

ENGINE: dict[str, Any] = {
    "pool_size": 10,
    "max_overflow": 10,
    "pool_timeout": POOL_SECONDS,
    "pool_recycle": 300,
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
        ask_after_a_pause(self.engine)
        event.listen(self.engine, "handle_error", elsewhere)
        trace_statements(self.engine)
        POOLS.watch("postgres", self.engine, of_engine)

    def ping(self) -> None:
        fault("postgres", away)
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))


def ask_after_a_pause(engine: Engine) -> None:
    """Have a connection that nobody has used for a while say whether it is there."""

    @event.listens_for(engine, "checkin")
    def note(raw: Any, record: Any) -> None:
        record.info[USED_AT] = monotonic()

    @event.listens_for(engine, "checkout")
    def ask(raw: Any, record: Any, proxy: Any) -> None:
        used_at = record.info.get(USED_AT)
        if used_at is None or monotonic() - used_at < FRESH_SECONDS:
            return
        try:
            engine.dialect.do_ping(raw)
        except psycopg2.Error as gone:
            raise DisconnectionError(type(gone).__name__) from None


def elsewhere(trouble: ExceptionContext) -> None:
    """Who takes no writes is away, for all that we can do about it."""
    refused = trouble.original_exception
    if isinstance(refused, READ_ONLY):
        raise OperationalError(trouble.statement, None, refused)


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
