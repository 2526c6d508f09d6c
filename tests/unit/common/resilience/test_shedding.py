"""When not all can be served, what matters least is refused first."""

import pytest

from common.errors import Unavailable
from common.resilience import Guard, Settings

VALUES = ("low", "normal", "high")


@pytest.fixture
def guard(clock):
    return Guard("shelf", Settings(max_in_flight=10, least_calls=100), clock)


def admitted(guard, value, seconds_left=1.0):
    try:
        return guard.admit(value, seconds_left)
    except Unavailable:
        return None


def taken(guard, value):
    """So many calls of ``value`` as are let in."""
    permits = []
    while permit := admitted(guard, value):
        permits.append(permit)
    return permits


def who_may_go(guard, seconds_left=1.0):
    """Right after another call left, so that nobody is the trickle."""
    guard.queue.admitted_at = guard.clock()
    return [value for value in VALUES if admitted(guard, value, seconds_left)]


def wait(guard, *seconds):
    for waited in seconds:
        guard.queue.observe(waited, guard.clock())


@pytest.mark.parametrize(("value", "slots"), [("low", 5), ("normal", 8), ("high", 10)])
def test_each_value_has_its_part_of_the_slots(guard, value, slots):
    assert len(taken(guard, value)) == slots
    assert guard.shed[value] == 1


def test_who_is_shed_hears_that_the_shop_is_busy(guard):
    wait(guard, 60)
    guard.admit()

    with pytest.raises(Unavailable) as refusal:
        guard.admit("high", 1.0)

    assert refusal.value.code == "overloaded"


def test_high_goes_where_normal_and_low_may_not(guard):
    held = [taken(guard, value) for value in VALUES]

    assert [len(permits) for permits in held] == [5, 3, 2]


def test_a_slot_is_free_again_after_the_call(guard):
    for end in ("succeeded", "failed", "abandoned"):
        for permit in taken(guard, "high"):
            getattr(permit, end)()

    assert guard.bulkhead.in_flight == 0
    assert len(taken(guard, "high")) == 10


def test_an_unknown_value_is_normal(guard):
    assert len(taken(guard, "precious")) == 8
    assert guard.shed == {"low": 0, "normal": 1, "high": 0}


@pytest.mark.parametrize(
    ("waited", "served"),
    [
        (0.0, ["low", "normal", "high"]),
        (0.25, ["low", "normal", "high"]),
        (0.26, ["normal", "high"]),
        (0.5, ["normal", "high"]),
        (0.51, ["high"]),
        (0.9, ["high"]),
        (0.91, []),
    ],
)
def test_a_longer_queue_sheds_more(guard, waited, served):
    wait(guard, waited)

    assert who_may_go(guard) == served


def test_the_queue_is_measured_by_the_time_that_is_left(guard):
    wait(guard, 0.5)

    assert who_may_go(guard, seconds_left=0.1) == []
    assert who_may_go(guard, seconds_left=10) == ["low", "normal", "high"]


def test_a_burst_is_no_standing_queue(guard, clock):
    wait(guard, 0.001, 3, 2, 5)

    assert guard.queue.standing(clock.now) == 0.001


def test_it_becomes_one_when_nobody_was_faster_for_half_a_second(guard, clock):
    wait(guard, 0.001)
    for _ in range(6):
        clock.passes(0.1)
        wait(guard, 3)

    assert guard.queue.standing(clock.now) == 3


def test_one_fast_answer_ends_it(guard, clock):
    wait(guard, 3, 3, 3, 0.002)

    assert guard.queue.standing(clock.now) == 0.002


def test_after_a_second_without_answers_nothing_is_known(guard, clock):
    wait(guard, 3)
    clock.passes(1.0)
    assert who_may_go(guard) == []
    clock.passes(0.01)

    assert who_may_go(guard) == ["low", "normal", "high"]


def test_the_least_wait_is_that_of_a_plain_search(guard, clock):
    seen = []
    for step in range(2000):
        clock.passes(0.003)
        waited = (step * 7919 % 1009) / 1000
        wait(guard, waited)
        seen.append((clock.now, waited))

        recent = [w for at, w in seen[-200:] if at >= clock.now - 0.5]
        assert guard.queue.standing(clock.now) == min(recent)


def test_a_trickle_is_let_through_when_all_is_shed(guard, clock):
    let_through = 0
    for _ in range(1000):
        clock.passes(0.001)
        wait(guard, 60)
        if permit := admitted(guard, "low"):
            permit.abandoned()
            let_through += 1

    assert 9 <= let_through <= 11


def test_nobody_trickles_past_more_valuable_calls(guard, clock):
    for _ in range(1000):
        clock.passes(0.001)
        wait(guard, 0.6)
        admitted(guard, "high").abandoned()
        assert admitted(guard, "low") is None


def test_a_recovery_is_noticed_by_the_trickle(guard, clock):
    wait(guard, 60)
    clock.passes(0.1)
    assert who_may_go(guard) == []
    clock.passes(0.1)

    admitted(guard, "low").succeeded(0.001)

    assert who_may_go(guard) == ["low", "normal", "high"]
