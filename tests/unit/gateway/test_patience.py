"""Every request has a deadline, and those who work for it are told."""

import time

import pytest

from common.deadlines import remaining
from gateway.auth import ANYONE
from gateway.http import Route
from gateway.patience import Patience
from gateway.request import Request

PATIENCE = Patience({"read": 0.3, "write": 2, "routes": {"PUT /v1/x/{x_id}": 10}})


@pytest.mark.parametrize(
    ("method", "url", "seconds"),
    [
        ("GET", "/v1/x", 0.3),
        ("POST", "/v1/x", 2),
        ("DELETE", "/v1/x", 2),
        ("PUT", "/v1/x/<id:x_id>", 10),
    ],
)
def test_a_route_has_its_seconds(method, url, seconds):
    assert PATIENCE.seconds(Route(method, url, ANYONE)) == seconds


def test_deadlines_change_and_go_back_to_what_is_configured():
    patience = Patience({"read": 0.3, "write": 2, "routes": {"PUT /v1/x": 10}})
    told = {"read": 1, "write": 3, "routes": {"GET /v1/y": 5}}
    routes = [
        Route(*each, ANYONE)
        for each in (
            ("GET", "/v1/x"),
            ("POST", "/v1/x"),
            ("PUT", "/v1/x"),
            ("GET", "/v1/y"),
        )
    ]

    for name, value in told.items():
        patience.change(name, value)
    assert [patience.seconds(route) for route in routes] == [1, 3, 10, 5]

    for name in told:
        patience.change(name, None)
    assert [patience.seconds(route) for route in routes] == [0.3, 2, 10, 0.3]


def test_without_settings_reads_have_300_ms_and_writes_2_s():
    patience = Patience({})

    assert patience.seconds(Route("GET", "/", ANYONE)) == 0.3
    assert patience.seconds(Route("POST", "/", ANYONE)) == 2.0


def test_whoever_works_for_a_request_is_told_what_it_is_worth():
    trace = f"00-{'1' * 32}-{'2' * 16}-01"
    request = Request("GET", b"/", {"x-request-id": "r1", "traceparent": trace})

    told = PATIENCE.context(request, Route("GET", "/", ANYONE, value="low"))

    assert told["value"] == "low"
    assert (told["request_id"], told["traceparent"]) == ("r1", trace)
    assert 0.2 < remaining(told, 60) <= 0.3
    assert told["deadline"] > time.time() * 1000
