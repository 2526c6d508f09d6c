"""An outage does not multiply its own load."""

import pytest

from common.errors import Unavailable
from common.resilience import Guard, Settings

CALLS = 10_000


def guard_with(clock, **settings):
    # The breaker would end the retries; here only the budget may.
    return Guard("shelf", Settings(least_calls=100, **settings), clock, lambda: 1.0)


def retries_of(guard, clock, calls, retries_each):
    retried = 0
    for _ in range(calls):
        clock.passes(1.0)
        guard.admit().failed()
        for _ in range(retries_each):
            if guard.may_retry():
                guard.admit().failed()
                retried += 1
    return retried


@pytest.mark.parametrize("retries_each", [1, 3])
def test_retries_add_no_more_than_a_tenth(clock, retries_each):
    guard = guard_with(clock, retry_reserve=2)

    retried = retries_of(guard, clock, CALLS, retries_each)

    assert 0.09 * CALLS < retried <= 0.1 * CALLS + 2
    assert guard.retries.spent == retried


def test_a_few_retries_are_there_from_the_start(clock):
    guard = guard_with(clock, retry_reserve=11)

    assert sum(guard.may_retry() for _ in range(100)) == 10


def test_no_ratio_means_the_reserve_only(clock):
    guard = guard_with(clock, retry_ratio=0, retry_reserve=3)

    assert retries_of(guard, clock, 100, 1) == 3


def test_quiet_times_save_no_more_than_the_reserve(clock):
    guard = guard_with(clock)
    for _ in range(CALLS):
        guard.admit().succeeded()

    assert sum(guard.may_retry() for _ in range(100)) < 10


def test_a_refused_call_earns_nothing(clock):
    guard = Guard("shelf", Settings(max_in_flight=1), clock)
    spent = sum(guard.may_retry() for _ in range(100))
    with guard.admit("high"):
        for _ in range(1000):
            with pytest.raises(Unavailable):
                guard.admit()

    assert spent == 9
    assert not guard.may_retry()


def test_who_is_left_alone_is_not_retried(clock):
    guard = Guard("shelf", Settings(), clock)
    for _ in range(20):
        guard.admit().failed()

    assert not guard.may_retry()
    assert guard.retries.spent == 0


def test_pauses_are_drawn_from_a_growing_range(clock):
    longest = guard_with(clock, retry_pause_seconds=0.02)
    shortest = Guard("shelf", Settings(), clock, lambda: 0.0)

    assert [longest.pause(n) for n in range(3)] == pytest.approx([0.02, 0.04, 0.08])
    assert longest.pause(10_000) < 1
    assert shortest.pause(2) == 0
