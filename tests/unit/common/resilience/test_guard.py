"""Every call that is let go ends once, however it ends."""

import gc
from random import Random

import eventlet
import pytest
from greenlet import GreenletExit

from common import errors
from common.errors import Unavailable
from common.resilience import Guard, Settings
from common.resilience.breaker import HALF_OPEN


@pytest.fixture
def guard(clock):
    return Guard("shelf", Settings(), clock)


def outcomes(guard):
    return guard.succeeded, guard.failed, guard.abandoned


def raise_within(guard, error):
    with pytest.raises(type(error)), guard.admit():
        raise error


def test_a_call_that_returns_succeeded(guard):
    with guard.admit():
        assert guard.bulkhead.in_flight == 1

    assert outcomes(guard) == (1, 0, 0)
    assert guard.bulkhead.in_flight == 0


def test_only_the_first_report_counts(guard):
    with guard.admit() as permit:
        permit.failed()
        permit.succeeded()
        permit.abandoned()

    assert outcomes(guard) == (0, 1, 0)
    assert guard.bulkhead.in_flight == 0


@pytest.mark.parametrize(
    "kind",
    [kind for kind in errors.KINDS if kind is not Unavailable],
)
def test_a_refusal_is_an_answer(guard, kind):
    raise_within(guard, kind("out_of_stock", "There is not enough in stock"))

    assert outcomes(guard) == (1, 0, 0)


@pytest.mark.parametrize(
    "error",
    [
        eventlet.Timeout(None),
        errors.deadline_exceeded(),
        errors.service_unavailable(),
        ConnectionResetError(),
        TimeoutError(),
    ],
)
def test_no_answer_is_a_failure(guard, error):
    raise_within(guard, error)

    assert outcomes(guard) == (0, 1, 0)


@pytest.mark.parametrize("error", [GreenletExit(), KeyboardInterrupt(), SystemExit()])
def test_who_ends_the_caller_says_nothing_of_the_target(guard, error):
    raise_within(guard, error)

    assert outcomes(guard) == (0, 0, 1)


def test_a_timeout_that_really_rings_is_counted(guard):
    with eventlet.Timeout(0.001, False), guard.admit():
        eventlet.sleep(10)

    assert outcomes(guard) == (0, 1, 0)


def call(guard):
    with guard.admit():
        eventlet.sleep(10)


def call_carelessly(guard):
    permit = guard.admit()
    eventlet.sleep(10)
    permit.succeeded()


@pytest.mark.parametrize("method", [call, call_carelessly])
def test_a_killed_greenlet_leaves_its_slot(guard, method):
    caller = eventlet.spawn(method, guard)
    eventlet.sleep(0)
    assert guard.bulkhead.in_flight == 1

    caller.kill()
    if method is call_carelessly:
        del caller
        gc.collect()

    assert guard.bulkhead.in_flight == 0
    assert outcomes(guard) == (0, 0, 1)


def test_callers_do_not_wait_for_each_other(guard):
    pool = eventlet.GreenPool()

    def call():
        with guard.admit():
            eventlet.sleep(0)
            return guard.bulkhead.in_flight

    seen = [pool.spawn(call) for _ in range(50)]

    assert seen[0].wait() == 50
    pool.waitall()
    assert guard.bulkhead.in_flight == 0


def test_what_was_refused_holds_no_slot(guard):
    for _ in range(20):
        guard.admit().failed()
    for _ in range(100):
        with pytest.raises(Unavailable):
            guard.admit()

    assert guard.bulkhead.in_flight == 0
    assert outcomes(guard) == (0, 20, 0)
    assert guard.rejected == 100


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_all_slots_and_probes_come_back(clock, seed):
    chance = Random(seed)  # noqa: S311
    settings = Settings(
        max_in_flight=12, failure_share=0.3, open_seconds=0.2, least_calls=5
    )
    guard = Guard("shelf", settings, clock, chance.random)
    under_way, states, admitted = [], set(), 0
    for _ in range(5000):
        clock.passes(chance.random() / 50)
        if chance.random() < 0.5:
            try:
                value = chance.choice(("low", "normal", "high"))
                under_way.append(guard.admit(value, chance.random()))
                admitted += 1
            except Unavailable:
                guard.may_retry()
        elif under_way:
            end(under_way.pop(chance.randrange(len(under_way))), chance)
        states.add(guard.breaker.state)
        assert guard.bulkhead.in_flight == len(under_way) <= 12
        assert 0 <= guard.breaker.probing <= settings.probes

    under_way.clear()

    assert states == {0, 1, 2}
    assert guard.bulkhead.in_flight == 0
    assert sum(outcomes(guard)) == admitted
    assert guard.breaker.probing == 0 or guard.breaker.state == HALF_OPEN
    recover(guard, clock)


def end(permit, chance):
    """In one of the ways calls end; the last one says nothing at all."""
    chance.choice(
        (
            permit.succeeded,
            lambda: permit.succeeded(chance.random() / 10),
            permit.failed,
            permit.abandoned,
            lambda: None,
        )
    )()


def recover(guard, clock):
    clock.passes(60)
    for _ in range(10):
        guard.admit("high").succeeded(0.0)
    assert guard.breaker.state == 0
