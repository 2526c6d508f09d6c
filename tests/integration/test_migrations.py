"""The migrations take a database to exactly what the models say."""

import pytest
from alembic import command

from ops import migrate


@pytest.fixture
def environment(stack, monkeypatch):
    for name, value in stack.operator.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("name", migrate.DATABASES)
def test_nothing_is_left_to_migrate(environment, name):
    command.check(migrate.DATABASES[name].alembic())


def test_migrating_again_changes_nothing(environment):
    migrate.run()
