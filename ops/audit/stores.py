"""The shop's stores as the audit sees them: at one moment, and never changed.

PostgreSQL reads what it is asked in one read-only transaction, MongoDB in one
snapshot.  MongoDB's moment comes first: what a service does there for an order is
in the orders by then.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.database import Database
from sqlalchemy import Connection, Engine, create_engine, func, select, table, text

from common.clock import utc_now
from common.database import with_driver
from ops.audit.faults import PATIENCE

RELATIONAL = {"auth": "AUTH_DB_URI", "users": "USER_DB_URI", "orders": "ORDER_DB_URI"}
CATALOGUE = "PRODUCT_MONGO_URI"
SELECTION_MS = 2000
# Rows are fetched so many at a time, however many there are.
BATCH = 2_000

ARCHIVED = ":archived"
UNTIL = "SELECT max(until_id) FROM archived_months"


@dataclass(frozen=True)
class View:
    """All stores, at ``now``."""

    now: datetime
    settings: Mapping[str, str]
    connections: Mapping[str, Connection]
    catalogue: Database
    session: ClientSession

    @property
    def before(self) -> datetime:
        """What was under way by then is done by now."""
        return self.now - PATIENCE

    def rows(self, database: str, sql: str) -> Iterator[Any]:
        """Mappings, as they come; they may be more than fit into memory."""
        found = self.connections[database].execution_options(yield_per=BATCH)
        facts: dict[str, Any] = {"now": self.now, "before": self.before}
        if ARCHIVED in sql:
            facts |= {"archived": self.archived}
        yield from found.execute(text(sql), facts).mappings()

    @cached_property
    def archived(self) -> str:
        """Orders with ids below that were taken out; others still tell of them."""
        return self.connections["orders"].scalar(text(UNTIL)) or ""

    def count(self, database: str, name: str) -> int:
        counted = select(func.count()).select_from(table(name))
        return self.connections[database].scalar(counted) or 0

    def documents(
        self, collection: str, *pipeline: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        """As they come; MongoDB groups and sorts on disk what is too much."""
        options: dict[str, Any] = {"allowDiskUse": True, "batchSize": BATCH}
        with self.catalogue[collection].aggregate(
            [*pipeline], session=self.session, **options
        ) as found:
            yield from found


class Connections(dict[str, Connection]):
    """Each opened for who asks for it, and closed with all that was ``opened``."""

    def __init__(self, engines: Mapping[str, Engine], opened: ExitStack) -> None:
        super().__init__()
        self.engines, self.opened = engines, opened

    def __missing__(self, name: str) -> Connection:
        connection = self.opened.enter_context(self.engines[name].connect())
        self[name] = connection
        return connection


class Stores:
    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = settings
        self.engines = {name: reader(settings[uri]) for name, uri in RELATIONAL.items()}
        self.mongo: MongoClient = MongoClient(
            settings[CATALOGUE], tz_aware=True, serverSelectionTimeoutMS=SELECTION_MS
        )

    @contextmanager
    def view(self) -> Iterator[View]:
        now, catalogue = utc_now(), self.mongo.get_default_database()
        with ExitStack() as opened:
            session = opened.enter_context(self.mongo.start_session(snapshot=True))
            # The first that is read sets the moment for all that follows.
            catalogue.products.find_one({}, ["_id"], session=session)
            connections = Connections(self.engines, opened)
            yield View(now, self.settings, connections, catalogue, session)

    def close(self) -> None:
        self.mongo.close()
        for engine in self.engines.values():
            engine.dispose()


def reader(uri: str) -> Engine:
    engine = create_engine(with_driver(uri), hide_parameters=True)
    return engine.execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )
