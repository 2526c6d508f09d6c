"""What the gateway counts is what Prometheus reads."""

import pytest
from prometheus_client import CollectorRegistry

from common.resilience import Bulkhead, Settings
from gateway.metrics import Figures

TEA = ("GET", "/v1/tea", "200")
ROUTE = {"method": "GET", "route": "/v1/tea"}
DURATION = "shopnow_gateway_request_duration_seconds"


@pytest.fixture
def figures():
    return Figures()


@pytest.fixture
def read(figures):
    registry = CollectorRegistry()
    registry.register(figures)
    return registry.get_sample_value


def test_an_answer_that_was_ready_counts_as_a_request_and_a_short_one(figures, read):
    figures.note(TEA, 0.2)
    figures.ready[TEA] += 3

    assert read("shopnow_gateway_requests_total", ROUTE | {"status": "200"}) == 4
    assert read(f"{DURATION}_bucket", ROUTE | {"le": "0.001"}) == 3
    assert read(f"{DURATION}_count", ROUTE) == 4
    assert read(f"{DURATION}_sum", ROUTE) == 0.2


def test_reading_changes_nothing(figures, read):
    figures.ready[TEA] += 1

    for _ in range(3):
        assert read(f"{DURATION}_count", ROUTE) == 1


def test_statuses_of_a_route_share_its_durations(figures, read):
    figures.note(TEA, 0.2)
    figures.note(("GET", "/v1/tea", "503"), 0.4)

    assert read(f"{DURATION}_bucket", ROUTE | {"le": "0.3"}) == 1
    assert read(f"{DURATION}_count", ROUTE) == 2


def test_what_is_under_way_is_counted_while_it_is(figures, read):
    room = Bulkhead(Settings())
    figures.rooms.add(room)

    room.enter()
    assert read("shopnow_gateway_in_flight") == 1
    room.leave()
    assert read("shopnow_gateway_in_flight") == 0
