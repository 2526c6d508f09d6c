"""A promotion is done or told to be late, and is fenced for the next start."""

from contextlib import contextmanager

import pytest

from ops.dr import outboxes, postgres
from ops.dr.regions import Region
from ops.errors import Problem
from ops.stack.servers.postgres import Postgres

B = Region("region-b", *["unused"] * 8)


class Server:
    """As much of PostgreSQL as a promotion asks; ``late`` does not get through."""

    def __init__(self, is_replica: bool, late: bool = False) -> None:
        self.is_replica, self.late = is_replica, late
        self.waits_for, self.is_fenced = "region-b", is_replica
        self.answer: object = None

    def execute(self, statement, values=None):
        words = str(statement)
        if "pg_is_in_recovery" in words:
            self.answer = self.is_replica
        elif "pg_promote" in words:
            self.is_replica = self.is_fenced = self.late
            self.answer = not self.late
        elif "synchronous_standby_names" in words:
            self.waits_for = ""
        elif "data_directory" in words:
            self.answer = "/data/standby.signal"
        elif "COPY" in words:
            self.is_fenced = True

    def fetchone(self):
        return [self.answer]


@pytest.fixture
def talks_to(monkeypatch):
    def to(server: Server) -> Server:
        @contextmanager
        def talk(uri):
            yield server

        monkeypatch.setattr(postgres, "talk", talk)
        return server

    return to


def test_a_promoted_replica_waits_for_nobody_and_is_fenced(talks_to):
    server = talks_to(Server(is_replica=True))
    postgres.promote(B)
    assert (server.is_replica, server.waits_for) == (False, "")
    assert server.is_fenced


def test_a_primary_that_is_promoted_again_goes_on_to_wait_for_its_copy(talks_to):
    server = talks_to(Server(is_replica=False))
    postgres.promote(B)
    assert server.waits_for == "region-b"
    assert server.is_fenced


def test_a_promotion_that_takes_too_long_is_no_promotion(talks_to):
    talks_to(Server(is_replica=True, late=True))
    with pytest.raises(Problem, match="region-b is still a replica after 30 s"):
        postgres.promote(B)


def test_events_of_every_database_are_told_again():
    names = {each.lower().replace("_db_uri", "_service") for each in Postgres.uris}
    assert {*outboxes.DATABASES} == names
