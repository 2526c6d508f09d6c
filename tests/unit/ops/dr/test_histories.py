"""Who has what the leader never got cannot follow it."""

import pytest

from ops.dr import histories

# Twice promoted: it left the first timeline, and then the second.
HISTORY = "1\t0/3000060\tbefore\n\n2\t0/432E5F8\tno recovery target specified\n"


@pytest.mark.parametrize(
    ("timeline", "replayed", "parted"),
    [
        (3, "0/9000000", False),
        (2, "0/432E5F8", False),
        (2, "0/432E600", True),
        (1, "0/3000060", False),
        # Beyond the end of its own timeline, though not of the one after that.
        (1, "0/4000000", True),
        (1, "1/0", True),
        # One that the leader has never been on.
        (4, "0/1", True),
    ],
)
def test_two_histories_part_where_the_leader_left_a_timeline(
    timeline, replayed, parted
):
    assert histories.left(timeline, replayed, 3, HISTORY) is parted


def test_who_follows_a_leader_that_was_never_promoted_has_its_history():
    assert not histories.left(1, "0/9000000", 1, "")
