"""Each verb leads where the table says, and from nowhere else."""

import pytest

from common.errors import Conflict
from order_service.domain.states import ORDER, PART, PartStatus, Status, moved

CELLS = [
    pytest.param(moves, verb, status, id=f"{verb} {kind.__name__} {status}")
    for moves, kind in ((ORDER, Status), (PART, PartStatus))
    for verb in moves
    for status in kind
]


@pytest.mark.parametrize(("moves", "verb", "status"), CELLS)
def test_a_verb_leads_where_the_table_says_or_is_refused(moves, verb, status):
    before, then = moves[verb]

    if status in before or status is then:
        assert moved(moves, verb, status) is then
        return
    with pytest.raises(Conflict) as refusal:
        moved(moves, verb, status)
    assert refusal.value.code == "illegal_transition"
    assert refusal.value.details == {"from": status, "to": then}


def test_an_order_ends_rejected_cancelled_or_refunded():
    left = {status for before, _ in ORDER.values() for status in before}

    assert set(Status) - left == {Status.REJECTED, Status.CANCELLED, Status.REFUNDED}
