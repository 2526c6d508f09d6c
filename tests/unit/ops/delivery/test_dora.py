"""The four measures are what GitHub's deployments add up to."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from ops.cli import main
from ops.delivery.dora import four, read
from ops.errors import Problem


def deployed(day, state="SUCCESS", hour=12, written_hour=10):
    at = f"2026-11-{day:02}T{hour:02}:00:00Z"
    return {
        "commit": {"committedDate": f"2026-11-{day:02}T{written_hour:02}:00:00Z"},
        "latestStatus": {"state": state, "createdAt": at} if state else None,
    }


def document(*nodes):
    return {"data": {"repository": {"deployments": {"nodes": list(nodes)}}}}


def told(*nodes):
    return four(read(document(*nodes)))


def test_two_weeks_with_a_release_a_day():
    found = told(*(deployed(day) for day in range(1, 16)))

    assert found.per_week == pytest.approx(7.0)
    assert found.lead_time == timedelta(hours=2)
    assert (found.failure_share, found.restored_in) == (0, None)


def test_what_was_replaced_was_good():
    assert told(deployed(1, "INACTIVE"), deployed(2)).failure_share == 0


def test_restoring_takes_until_the_next_good_one():
    found = told(
        deployed(1),
        deployed(2, "FAILURE"),
        deployed(2, "ERROR", hour=13),
        deployed(2, hour=15),
    )

    assert found.restored_in == timedelta(hours=3)
    assert found.failure_share == 0.5


def test_what_is_under_way_is_left_out():
    assert told(deployed(1), deployed(2, "IN_PROGRESS"), deployed(3, None)).count == 1


def test_the_order_of_the_list_does_not_matter():
    nodes = [deployed(3), deployed(1, "FAILURE"), deployed(2)]

    assert told(*nodes) == told(*reversed(nodes))


def test_nothing_is_told_of_nothing():
    with pytest.raises(Problem, match="no deployment"):
        told()


def test_the_command_tells_them():
    text = json.dumps(document(deployed(1), deployed(8)))

    done = CliRunner().invoke(main, ["dora", "-"], input=text)

    assert "1.0 a week, of 2 in all" in done.output
    assert "lead time for changes  2:00:00" in done.output
