"""The table of the saga: every way through it ends, and there is no other."""

import pytest

from common.errors import Conflict
from order_service.domain.states import Status
from order_service.domain.steps import (
    COMPENSATING,
    FORWARD,
    TABLE,
    Outcome,
    Step,
    after,
)
from tests.builders import an_order


def ways_from(step):
    """All the steps that may follow, one list for each way to the end."""
    if step is Step.DONE:
        return [[step]]
    return [[step, *way] for next_ in TABLE[step].values() for way in ways_from(next_)]


def test_every_way_ends():
    assert set(TABLE) == set(Step) == FORWARD | COMPENSATING | {Step.DONE}
    assert all(way[-1] is Step.DONE for way in ways_from(Step.RESERVE))


def test_who_asked_for_a_payment_and_stops_undoes_it_and_then_the_stock():
    stopped = [way for way in ways_from(Step.RESERVE) if set(way) & COMPENSATING]

    assert len(stopped) == len(FORWARD)
    for way in stopped:
        undone = [step for step in way if step in COMPENSATING]
        asked = Step.AUTHORISE in way
        assert undone == ([Step.VOID, Step.RELEASE] if asked else [Step.RELEASE])


@pytest.mark.parametrize(
    ("step", "outcome"),
    [(s, o) for s in Step for o in Outcome if o not in TABLE[s]],
)
def test_a_move_that_is_not_in_the_table_is_refused(step, outcome):
    with pytest.raises(Conflict) as refusal:
        after(step, outcome)

    assert refusal.value.code == "illegal_step"


def test_an_order_goes_the_way_of_the_table_to_its_end():
    order = an_order()
    for step in (Step.AUTHORISE, Step.COMMIT, Step.CAPTURE, Step.DONE):
        order.go_on()
        assert order.step is step

    assert order.status is Status.CONFIRMED
    with pytest.raises(Conflict):
        order.go_on()
