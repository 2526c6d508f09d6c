"""Each region's line says what its PostgreSQL does."""

import psycopg2
import pytest

from ops.dr import postgres, status
from ops.dr.postgres import Condition
from ops.dr.regions import Region

B = Region(*["region-b", *["unused"] * 8])


@pytest.mark.parametrize(
    ("condition", "line"),
    [
        (
            Condition(False, 2, "0/0", None, False, "", 2),
            "takes writes, timeline 2, epoch 2",
        ),
        (
            Condition(False, 1, "0/0", None, False, "region-b", 1),
            "takes writes, timeline 1, epoch 1, waits for region-b",
        ),
        (
            Condition(True, 1, "0/1", 0.25, True, "", 1),
            "replica, follows, timeline 1, epoch 1, last change 0.2 s ago",
        ),
        (
            Condition(True, 1, "0/1", None, False, "", 1),
            "replica, refuses writes and follows nobody, timeline 1, epoch 1",
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
