"""The migrations take a database to exactly what the models say."""

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ops import migrate
from ops.stack.settings import ROOT
from order_service.storage.models import OrderBase
from tests.scratch import scratch


@pytest.fixture
def environment(stack, monkeypatch):
    for name, value in stack.operator.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("name", migrate.DATABASES)
def test_nothing_is_left_to_migrate(environment, name):
    command.check(migrate.DATABASES[name].alembic())


def test_migrating_again_changes_nothing(environment):
    migrate.run()


INDEX = """
from common.migrating import build_index

revision, down_revision = "0001", None


def upgrade():
    build_index("soon", "inbox", ["at"])
"""

COLUMN = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade():
    op.add_column("orders", sa.Column("gift", sa.String()))
"""


@pytest.fixture
def orders(stack):
    with scratch(stack.environment("order_service")["ORDER_DB_URI"]) as engine:
        yield engine


@pytest.fixture
def upgrade(orders, tmp_path):
    """Runs a migration on tables of the test's own."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "ops/migrations"))
    config.set_main_option("version_locations", str(tmp_path))
    config.set_main_option("path_separator", "os")
    config.attributes["uri"] = orders.url.update_query_dict(
        {"options": f"-c search_path={schema_of(orders)}"}
    )
    config.attributes["metadata"] = OrderBase.metadata

    def run(migration):
        (tmp_path / "0001_it.py").write_text(migration)
        command.upgrade(config, "head")

    return run


def schema_of(engine):
    with engine.connect() as connection:
        return connection.scalar(text("SELECT current_schema()"))


def test_an_index_is_built_anew_over_one_that_is_left(orders, upgrade):
    with orders.begin() as connection:
        connection.execute(text("CREATE INDEX soon ON inbox (consumer)"))

    upgrade(INDEX)

    with orders.connect() as connection:
        built = text(
            "SELECT indisvalid, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indexrelid = 'soon'::regclass"
        )
        valid, definition = connection.execute(built).one()
    assert valid
    assert definition.endswith("(at)")


def test_a_change_gives_up_rather_than_have_all_wait_for_its_lock(orders, upgrade):
    with orders.connect() as reader:
        reader.execute(text("SELECT FROM orders"))
        with pytest.raises(OperationalError, match="lock timeout"):
            upgrade(COLUMN)
