"""Each region's line says what its PostgreSQL does."""

import psycopg2
import pytest
from pymongo.errors import PyMongoError

from ops.dr import postgres, status
from ops.dr.postgres import Condition
from ops.dr.regions import Region
from ops.errors import Problem

B = Region(*["region-b", *["unused"] * 8])


@pytest.mark.parametrize(
    ("condition", "line"),
    [
        (
            Condition(False, 2, "0/0", None, False, "", True, 2),
            "takes writes, timeline 2, epoch 2",
        ),
        (
            Condition(False, 1, "0/0", None, False, "region-b", True, 1),
            "takes writes, timeline 1, epoch 1, waits for region-b",
        ),
        (
            Condition(True, 1, "0/1", 0.25, True, "", True, 1),
            "replica, follows, timeline 1, epoch 1, last change 0.2 s ago",
        ),
        (
            Condition(True, 1, "0/1", None, False, "", True, 1),
            "replica, refuses writes and follows nobody, timeline 1, epoch 1",
        ),
        (
            Condition(False, 2, "0/0", None, False, "", False, 2),
            "takes writes, timeline 2, epoch 2, NOT FENCED: promote it once more",
        ),
    ],
)
def test_a_line_tells_who_takes_writes_and_who_is_fenced(monkeypatch, condition, line):
    monkeypatch.setattr(postgres, "condition", lambda region: condition)
    assert status.of_postgres(B) == line


def test_what_does_not_answer_is_told_in_its_line():
    def gone() -> str:
        raise psycopg2.OperationalError("connection refused\nis it there?")

    assert status.told(gone) == "does not answer: connection refused"


def test_what_a_server_says_ends_a_command_in_one_line():
    with pytest.raises(Problem, match=r"^no majority$"), status.trouble_in_a_line():
        raise PyMongoError("no majority\nof three")
