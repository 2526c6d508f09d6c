"""A migration that does not get its lock is tried again, and at last given up."""

import pytest
from alembic.config import Config
from psycopg2.errors import LockNotAvailable
from sqlalchemy.exc import OperationalError

from ops import migrate
from ops.errors import Problem


class Busy:
    """A database whose tables are taken for so many tries."""

    def __init__(self, tries, trouble=LockNotAvailable):
        self.tries, self.trouble, self.pauses = tries, trouble, []

    def upgrade(self, config, to):
        if len(self.pauses) < self.tries:
            raise OperationalError("ALTER TABLE", {}, self.trouble())


@pytest.fixture
def upgrade(monkeypatch):
    def with_(busy):
        monkeypatch.setattr(migrate.command, "upgrade", busy.upgrade)
        monkeypatch.setattr(migrate, "sleep", busy.pauses.append)
        migrate.upgrade("orders", Config())

    return with_


def test_a_lock_that_comes_free_is_waited_for(upgrade):
    busy = Busy(tries=2)

    upgrade(busy)

    assert busy.pauses == [1.0, 2.0]


def test_a_lock_that_never_comes_free_is_told(upgrade):
    with pytest.raises(Problem, match="a table of orders is never free"):
        upgrade(Busy(tries=9))


def test_what_is_no_matter_of_locks_is_not_tried_again(upgrade):
    busy = Busy(tries=1, trouble=Exception)

    with pytest.raises(OperationalError):
        upgrade(busy)

    assert busy.pauses == []
