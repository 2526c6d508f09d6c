"""The databases: laid out as this code expects them."""

from collections.abc import Callable, Iterator
from functools import partial

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine

from common.database import with_driver
from ops.doctor.case import Case
from ops.doctor.finding import Check, Finding, ok, problem
from ops.migrate import DATABASES, ROOT
from product_service.storage import schema
from product_service.storage.provider import connect

MIGRATE = "shopnow migrate"
LIMITS = {"options": "-c statement_timeout=5000", "connect_timeout": 2}


def opened(uri: str) -> Engine:
    return create_engine(with_driver(uri), connect_args=LIMITS, hide_parameters=True)


def head(name: str) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "ops/migrations"))
    config.set_main_option("version_locations", str(ROOT / DATABASES[name].versions))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def migrations(name: str, case: Case) -> Iterator[Finding]:
    """Whether the database is at the last migration of this checkout."""
    engine = opened(case.variables[DATABASES[name].uri_name])
    with engine.connect() as connection:
        here = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    known = [script.revision for script in head(name).walk_revisions()]
    if here == known[0]:
        yield ok(f"{name} is at {here}")
    elif here is None:
        yield problem(f"{name} has no tables", MIGRATE)
    elif here in known:
        told = f"{name} is at {here}, {known.index(here)} behind {known[0]}"
        yield problem(told, MIGRATE)
    else:
        told = f"{name} is at {here}, which this checkout does not know"
        yield problem(told, "git pull  # the database has seen newer code")


def catalogue(case: Case) -> Iterator[Finding]:
    """Whether MongoDB has every collection, validator and index."""
    with connect(case.variables["PRODUCT_MONGO_URI"]) as client:
        database = client.get_default_database()
        there = {
            each["name"]: each["options"].get("validator", {})
            for each in database.list_collections()
        }
        lost = [name for name in schema.VALIDATORS if name not in there]
        changed = [n for n, v in schema.VALIDATORS.items() if there.get(n, v) != v]
        lacking = [
            f"{name}.{index.document['name']}"
            for name, wanted in schema.INDEXES.items()
            if name in there
            for index in wanted
            if index.document["name"] not in database[name].index_information()
        ]
    for kind, names in (
        ("collection", lost),
        ("validator", changed),
        ("index", lacking),
    ):
        if names:
            yield problem(f"not as the code has it: {kind} {', '.join(names)}", MIGRATE)
    if not (lost or changed or lacking):
        yield ok(f"{len(schema.VALIDATORS)} collections, their validators and indexes")


def check_of(name: str) -> Check:
    look: Callable[[Case], Iterator[Finding]] = partial(migrations, name)
    return Check(f"{name} schema", look, (DATABASES[name].uri_name,))


CHECKS = (
    *map(check_of, DATABASES),
    Check("catalogue", catalogue, ("PRODUCT_MONGO_URI",)),
)
