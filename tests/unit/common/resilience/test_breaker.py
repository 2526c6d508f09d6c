"""Who fails too often is left alone, and asked again carefully."""

import logging

import pytest

from common.errors import Unavailable
from common.resilience import Guard, Settings
from common.resilience.breaker import CLOSED, HALF_OPEN, OPEN

MIDDLE = 0.5  # of the jitter: a pause is as long as configured


@pytest.fixture
def guard(clock):
    return Guard("shelf", Settings(slow_seconds=1.0), clock, lambda: MIDDLE)


def succeed(guard, times=1):
    for _ in range(times):
        guard.admit().succeeded()


def fail(guard, times=1):
    for _ in range(times):
        guard.admit().failed()


def dawdle(guard, clock, times=1):
    permits = [guard.admit() for _ in range(times)]
    clock.passes(1.0)
    for permit in permits:
        permit.succeeded()


def refused(guard):
    with pytest.raises(Unavailable) as refusal:
        guard.admit()
    return refusal.value.code


def break_open(guard):
    fail(guard, 20)
    assert guard.breaker.state == OPEN


def half_open(guard, clock):
    break_open(guard)
    clock.passes(2.0)


def test_a_few_failures_open_nothing(guard):
    fail(guard, 19)

    assert guard.breaker.state == CLOSED


def test_it_opens_when_nobody_answers_several_times_in_a_row(clock):
    guard = Guard("shelf", Settings(most_in_row=5), clock, lambda: MIDDLE)
    fail(guard, 4)
    succeed(guard)
    fail(guard, 4)
    assert guard.breaker.state == CLOSED

    fail(guard)

    assert guard.breaker.state == OPEN


def test_it_opens_when_half_of_the_calls_fail(guard):
    succeed(guard, 10)
    fail(guard, 9)
    assert guard.breaker.state == CLOSED

    fail(guard)

    assert guard.breaker.state == OPEN
    assert refused(guard) == "circuit_open"


def test_it_stays_closed_when_fewer_fail(guard):
    for _ in range(100):
        succeed(guard, 6)
        fail(guard, 4)

    assert guard.breaker.state == CLOSED


def test_failures_are_forgotten_with_time(guard, clock):
    fail(guard, 19)
    clock.passes(10.1)
    fail(guard, 19)

    assert guard.breaker.state == CLOSED


def test_old_outcomes_make_room_for_new_ones(guard):
    succeed(guard, 10_000)
    fail(guard, 49)
    assert guard.breaker.state == CLOSED

    fail(guard)

    assert guard.breaker.state == OPEN


def test_it_opens_when_most_calls_are_slow(guard, clock):
    succeed(guard, 4)
    dawdle(guard, clock, 15)
    assert guard.breaker.state == CLOSED

    dawdle(guard, clock)

    assert guard.breaker.state == OPEN


def test_nothing_is_slow_without_a_threshold(clock):
    guard = Guard("shelf", Settings(), clock)

    dawdle(guard, clock, 50)

    assert guard.breaker.state == CLOSED


def test_it_half_opens_after_its_pause(guard, clock):
    break_open(guard)
    clock.passes(1.99)
    assert refused(guard) == "circuit_open"
    clock.passes(0.01)

    with guard.admit():
        assert guard.breaker.state == HALF_OPEN


@pytest.mark.parametrize(("drawn", "pause"), [(0.0, 1.6), (0.999999, 2.4)])
def test_the_pause_has_jitter(clock, drawn, pause):
    guard = Guard("shelf", Settings(), clock, lambda: drawn)
    break_open(guard)

    assert guard.breaker.open_until - clock.now == pytest.approx(pause, abs=1e-5)


def test_three_of_fifty_waiting_calls_probe(guard, clock):
    half_open(guard, clock)

    permits = [guard.admit() for _ in range(3)]
    refusals = [refused(guard) for _ in range(47)]

    assert set(refusals) == {"circuit_open"}
    assert guard.rejected == 47
    assert len(permits) == guard.bulkhead.in_flight == 3


def test_it_closes_when_all_probes_succeed(guard, clock):
    half_open(guard, clock)
    probes = [guard.admit() for _ in range(3)]

    for probe in probes[:2]:
        probe.succeeded()
    assert guard.breaker.state == HALF_OPEN
    assert refused(guard) == "circuit_open"
    probes[2].succeeded()

    assert guard.breaker.state == CLOSED
    succeed(guard, 50)


def test_one_failed_probe_opens_it_for_longer(guard, clock):
    half_open(guard, clock)
    probes = [guard.admit() for _ in range(3)]
    probes[0].succeeded()

    probes[1].failed()

    assert guard.breaker.state == OPEN
    assert guard.breaker.open_until == clock.now + 4
    probes[2].succeeded()
    assert guard.breaker.state == OPEN


def test_slow_probes_open_it_again(guard, clock):
    half_open(guard, clock)

    dawdle(guard, clock, 3)

    assert guard.breaker.state == OPEN


def test_pauses_double_to_a_limit_and_start_anew_after_a_recovery(guard, clock):
    break_open(guard)
    pauses = [guard.breaker.open_until - clock.now]
    for _ in range(2000):
        clock.now = guard.breaker.open_until
        fail(guard)
        pauses.append(guard.breaker.open_until - clock.now)

    assert pauses[:6] == pytest.approx([2, 4, 8, 16, 30, 30])
    assert pauses[-1] == pytest.approx(30)

    clock.now = guard.breaker.open_until
    succeed(guard, 3)
    break_open(guard)
    assert guard.breaker.open_until - clock.now == pytest.approx(2)


def test_an_abandoned_probe_is_taken_by_another(guard, clock):
    half_open(guard, clock)

    for _ in range(10):
        guard.admit().abandoned()

    assert guard.breaker.state == HALF_OPEN
    succeed(guard, 3)
    assert guard.breaker.state == CLOSED


def test_a_probe_nobody_reported_on_is_taken_by_another(guard, clock):
    half_open(guard, clock)

    lost = [guard.admit() for _ in range(3)]
    del lost

    succeed(guard, 3)
    assert guard.breaker.state == CLOSED


def test_probes_that_stay_silent_are_given_up(guard, clock):
    half_open(guard, clock)
    silent = [guard.admit() for _ in range(3)]
    clock.passes(9.9)
    assert refused(guard) == "circuit_open"
    clock.passes(0.1)

    succeed(guard, 3)

    assert guard.breaker.state == CLOSED
    for probe in silent:
        probe.failed()
    assert guard.breaker.state == CLOSED


@pytest.mark.parametrize("end", ["failed", "succeeded", "abandoned"])
def test_calls_from_before_the_outage_are_no_probes(guard, clock, end):
    early = [guard.admit() for _ in range(3)]
    half_open(guard, clock)
    probe = guard.admit()

    for permit in early:
        getattr(permit, end)()

    assert guard.breaker.state == HALF_OPEN
    assert guard.breaker.probing == 1
    probe.succeeded()
    succeed(guard, 2)
    assert guard.breaker.state == CLOSED


def test_an_outage_is_two_lines_in_the_log(guard, clock, caplog):
    caplog.set_level(logging.INFO)
    calls = [guard.admit() for _ in range(40)]
    for call in calls:
        call.failed()
    for _ in range(5):
        clock.now = guard.breaker.open_until
        fail(guard)
    clock.now = guard.breaker.open_until
    succeed(guard, 10)

    assert [record.getMessage() for record in caplog.records] == [
        "circuit to shelf opened: of 20 calls 20 failed, 0 were slow",
        "circuit to shelf closed",
    ]
