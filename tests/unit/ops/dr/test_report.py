"""What a drill is worth."""

import pytest

from ops.dr.drill import report
from ops.dr.drill.run import Verdict
from ops.dr.drill.standby import Failover

REFUSED = {"PostgreSQL of region-a": "refused: read-only"}


def verdict(waits: str = "", **told: object) -> Verdict:
    return Verdict(waits, **({"rto": 15.0, "refused_writes": REFUSED} | told))


def test_a_drill_in_time_that_is_fenced_is_good():
    assert report.is_good(verdict())


@pytest.mark.parametrize(
    "told",
    [
        {"rto": 61.0},
        {"refused_writes": {"PostgreSQL of region-a": "TAKEN"}},
        {"waits": "region-b", "lost": ["an order"]},
        {"within": Failover(2, ["an order"], 3.0)},
        {"audit": ["stock_sum"]},
    ],
)
def test_a_drill_is_bad_when_it_is_late_open_or_loses_what_was_promised(told):
    assert not report.is_good(verdict(**told))


def test_an_asynchronous_copy_may_be_behind_and_says_by_how_much():
    behind = verdict(lost=["one", "two"], lost_seconds=1.25)
    assert report.is_good(behind)
    assert "2 orders, of the last 1.25 s" in report.table(behind)
