"""The migrations of every database, and the SQL that each of them would run."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from ops.stack.settings import ROOT

# What `ops.migrate` brings up to date; a test holds the two together.
FOLDERS = {
    "auth": "user_service/storage/migrations/auth",
    "users": "user_service/storage/migrations/users",
    "orders": "order_service/storage/migrations/orders",
}
OFFLINE = {"as_sql": True, "literal_binds": True}


@dataclass(frozen=True)
class Revision:
    """``accepted`` says of a rule why it does no harm here.

    ``asks``: what went wrong where it asked the database for something, if it did;
    ``sql`` has what it sends until then.
    """

    name: str
    sql: str
    sha256: str
    phase: str = "expand"
    after: str = ""
    accepted: dict[str, str] = field(default_factory=dict)
    asks: str = ""

    @property
    def database(self) -> str:
        return self.name.partition("/")[0]


def revisions() -> Iterator[Revision]:
    """Of all databases, oldest first."""
    for database, folder in FOLDERS.items():
        config = Config()
        config.set_main_option("script_location", str(ROOT / "ops/migrations"))
        config.set_main_option("version_locations", str(ROOT / folder))
        config.set_main_option("path_separator", "os")
        scripts = list(ScriptDirectory.from_config(config).walk_revisions())
        for script in reversed(scripts):
            yield revision(f"{database}/{script.revision}", script.module)


def revision(name: str, module: Any) -> Revision:
    said = {
        word: getattr(module, word)
        for word in ("phase", "after", "accepted")
        if hasattr(module, word)
    }
    text = Path(module.__file__).read_bytes()
    sql, asks = sent(module)
    return Revision(name, sql, hashlib.sha256(text).hexdigest(), asks=asks, **said)


def sent(module: Any) -> tuple[str, str]:
    """What ``upgrade`` would send without a database, and why not all of it."""
    said = StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts=OFFLINE | {"output_buffer": said}
    )
    asks = ""
    with Operations.context(context):
        try:
            module.upgrade()
        except (AttributeError, TypeError) as trouble:
            # Nobody answers here, and a migration that waits for an answer trips.
            asks = str(trouble)
    return said.getvalue(), asks
