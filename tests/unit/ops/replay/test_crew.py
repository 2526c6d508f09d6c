from threading import Event, Lock

import pytest

from ops.replay.crew import Crew
from ops.replay.refusals import Refused


def test_every_item_comes_back_with_its_outcome():
    assert dict(Crew(3).each(range(50), str)) == {n: str(n) for n in range(50)}


def test_nothing_to_do_is_done():
    assert list(Crew(3).each([], str)) == []


def test_a_refusal_is_an_outcome():
    def refuse(item):
        raise Refused(409, "no", str(item))

    ((item, outcome),) = Crew(2).each([1], refuse)

    assert (item, str(outcome)) == (1, "409 no: 1")


def test_a_fault_of_ours_is_raised():
    with pytest.raises(ZeroDivisionError):
        list(Crew(2).each([0], lambda n: 1 / n))


def test_as_many_hands_as_asked_work_at_once():
    lock, everybody, at_work = Lock(), Event(), []

    def work(item):
        with lock:
            at_work.append(item)
            if len(at_work) == 3:
                everybody.set()
        return everybody.wait(5)

    assert all(outcome for _, outcome in Crew(3).each(range(3), work))


def test_who_leaves_leaves_the_pile():
    begun = []
    outcomes = Crew(1).each(range(1000), begun.append)

    next(outcomes)
    outcomes.close()

    assert len(begun) <= 1000
    assert begun == list(range(len(begun)))
