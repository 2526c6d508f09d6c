"""What the guards count is what Prometheus reads."""

import pytest
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

from common.errors import Unavailable
from common.resilience import Guard, Settings
from common.resilience.guards import GuardMetrics


@pytest.fixture
def guard(clock):
    return Guard("shelf", Settings(max_in_flight=25), clock)


@pytest.fixture
def read(guard):
    registry = CollectorRegistry(auto_describe=True)
    registry.register(GuardMetrics({"shelf": guard}))

    def read(name, **labels):
        return registry.get_sample_value(name, {"target": "shelf"} | labels)

    return read


def refuse(guard, *values):
    for value in values:
        with pytest.raises(Unavailable):
            guard.admit(value)


def test_all_is_quiet_before_the_first_call(read):
    assert read("shopnow_breaker_state") == 0
    assert read("shopnow_bulkhead_in_flight") == 0
    assert read("shopnow_rpc_calls_total", outcome="succeeded") == 0
    assert read("shopnow_shed_total", value="low") == 0


def test_calls_are_counted_by_their_end(guard, read):
    under_way = [guard.admit() for _ in range(4)]
    under_way.pop().succeeded()
    under_way.pop().failed()
    under_way.pop().abandoned()
    guard.may_retry()

    for outcome in ("succeeded", "failed", "abandoned"):
        assert read("shopnow_rpc_calls_total", outcome=outcome) == 1
    assert read("shopnow_bulkhead_in_flight") == 1
    assert read("shopnow_retries_total") == 1


def test_refusals_are_counted_by_their_reason(guard, read):
    held = [guard.admit("high") for _ in range(25)]
    refuse(guard, "low", "low", "high")
    for permit in held:
        permit.failed()
    refuse(guard, "low")

    assert read("shopnow_shed_total", value="low") == 2
    assert read("shopnow_shed_total", value="normal") == 0
    assert read("shopnow_shed_total", value="high") == 1
    assert read("shopnow_breaker_rejected_total") == 1
    assert read("shopnow_breaker_state") == 2


def test_who_is_turned_away_is_counted(guard, read):
    refusals = [guard.turn_away() for _ in range(2)]

    assert {refusal.code for refusal in refusals} == {"service_unavailable"}
    assert read("shopnow_away_rejected_total") == 2
    assert read("shopnow_rpc_calls_total", outcome="failed") == 0


def test_they_are_in_the_default_registry():
    assert b"# TYPE shopnow_breaker_state gauge" in generate_latest(REGISTRY)
