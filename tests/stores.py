"""What all the stores hold, as far as it takes to see that nothing has changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from redis import StrictRedis
from sqlalchemy import create_engine, inspect, text

from common.database import with_driver
from tests.client import eventually

DATABASES = ("AUTH_DB_URI", "USER_DB_URI", "ORDER_DB_URI")
# What the relay and the readers of events do in their own time.
PASSING = {"outbox", "events_seen", "leases"}


def contents(stack: Any) -> dict[str, Any]:
    """A digest of each table and collection."""
    found = dict(mongo(stack.operator["PRODUCT_MONGO_URI"]))
    for name in DATABASES:
        found |= postgres(name, stack.operator[name])
    return found


def names(stack: Any) -> set[str]:
    """Of all tables and collections."""
    found = set()
    for uri in (stack.operator[name] for name in DATABASES):
        engine = create_engine(with_driver(uri))
        found |= {f"{uri} {table}" for table in inspect(engine).get_table_names()}
        engine.dispose()
    with MongoClient(stack.operator["PRODUCT_MONGO_URI"]) as client:
        return found | set(client.get_default_database().list_collection_names())


def settled(stack: Any) -> dict[str, Any]:
    """The same, once all that was done before has gone its way."""
    eventually(lambda: waiting(stack), 0)
    eventually(lambda: contents(stack) == contents(stack), True)
    return contents(stack)


@contextmanager
def nothing_forgotten(stack: Any) -> Iterator[None]:
    """MongoDB keeps what is past its time, which it else looks for once a minute."""
    with stack.plan.all_servers.mongo.admin() as client:
        client.admin.command({"setParameter": 1, "ttlMonitorEnabled": False})
        try:
            yield
        finally:
            client.admin.command({"setParameter": 1, "ttlMonitorEnabled": True})


def waiting(stack: Any) -> int:
    """How many events have not left their outboxes."""
    rows = sum(unpublished(stack.operator[name]) for name in DATABASES)
    return rows + untold(stack.operator["PRODUCT_MONGO_URI"])


def untold(uri: str) -> int:
    with MongoClient(uri) as client:
        products = client.get_default_database().products
        return int(products.count_documents({"events": {"$exists": True}}))


def unpublished(uri: str) -> int:
    engine = create_engine(with_driver(uri))
    with engine.connect() as database:
        count = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
        found = int(database.scalar(text(count)) or 0)
    engine.dispose()
    return found


def postgres(name: str, uri: str) -> dict[str, Any]:
    engine = create_engine(with_driver(uri))
    tables = [t for t in inspect(engine).get_table_names() if t not in PASSING]
    digest = 'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{}" t'
    with engine.connect() as database:
        found = {
            f"{name} {table}": database.scalar(text(digest.format(table)))
            for table in tables
        }
    engine.dispose()
    return found


def mongo(uri: str) -> dict[str, Any]:
    with MongoClient(uri) as client:
        collections = client.get_default_database().command("dbHash")["collections"]
        return {name: d for name, d in collections.items() if name not in PASSING}


def everything(stack: Any) -> str:
    """All that all stores hold, as text."""
    uri = stack.operator["PRODUCT_MONGO_URI"]
    tables = [rows(stack.operator[name]) for name in DATABASES]
    return "\n".join([*tables, documents(uri), keys(stack.operator["REDIS_URI"])])


def rows(uri: str) -> str:
    engine = create_engine(with_driver(uri))
    with engine.connect() as database:
        found = [
            database.execute(text(f'SELECT * FROM "{table}"')).all()  # noqa: S608
            for table in inspect(engine).get_table_names()
        ]
    engine.dispose()
    return str(found)


def documents(uri: str) -> str:
    with MongoClient(uri) as client:
        database = client.get_default_database()
        names = database.list_collection_names()
        return str([list(database[name].find()) for name in names])


def keys(uri: str) -> str:
    with StrictRedis.from_url(uri) as client:
        return str([(key, client.dump(key)) for key in client.scan_iter()])
