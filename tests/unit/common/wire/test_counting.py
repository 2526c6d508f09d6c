"""Calls are counted by method, and a stranger's word is no label."""

import time

import pytest
from nameko import config
from prometheus_client import CollectorRegistry

from common.errors import Conflict
from common.metrics.calls import Calls
from common.wire.counting import SENT, Counting, sent_now
from common.wire.request import Request


@pytest.fixture
def calls():
    return Calls("method", "calls", "took_seconds", "queue_seconds")


@pytest.fixture
def read(calls):
    registry = CollectorRegistry()
    registry.register(calls)
    return registry.get_sample_value


@pytest.fixture
def counting(calls):
    counting = Counting(calls)
    counting.know(["shelf.get_tea"])
    return counting


def request(key="shelf.get_tea", **headers):
    return Request(None, key, 1, {"reply_to": "me", "headers": headers})


def failed(trouble):
    return type(trouble), trouble, None


def test_an_answer_and_a_refusal_are_told_apart(counting, read):
    counting.ended(request(), None)
    counting.ended(request(), failed(Conflict("sold", "Sold")))

    assert read("calls_total", {"method": "get_tea", "outcome": "ok"}) == 1
    assert read("calls_total", {"method": "get_tea", "outcome": "refused"}) == 1
    assert read("took_seconds_count", {"method": "get_tea"}) == 2


def test_a_method_that_nobody_has_is_unknown(counting, read):
    counting.ended(request("shelf.anything"), failed(KeyError()))

    assert read("calls_total", {"method": "unknown", "outcome": "failed"}) == 1


def test_a_call_that_was_given_up_has_no_duration(counting, read):
    counting.dropped(request())

    assert read("calls_total", {"method": "get_tea", "outcome": "dropped"}) == 1
    assert read("took_seconds_count", {"method": "get_tea"}) is None


def test_the_way_counts_from_the_callers_sending(counting, read):
    counting.begun(request(**{SENT: sent_now()[SENT] - 2_000_000}))

    assert read("queue_seconds_bucket", {"le": "1.0"}) == 0
    assert read("queue_seconds_count") == 1
    assert sent_now()[SENT] <= time.time() * 1_000_000


@pytest.mark.parametrize("headers", [{}, {SENT: "long ago"}, {SENT: True}])
def test_a_caller_need_not_say_when_it_sent(headers, counting, read):
    counting.begun(request(**headers))

    assert read("queue_seconds_count") is None


def test_nothing_is_counted_when_metrics_are_off(calls, read):
    with config.patch({"METRICS": "off"}):
        counting = Counting(calls)
    counting.begun(request(**sent_now()))
    counting.ended(request(), None)
    counting.dropped(request())

    assert not calls.ended
    assert read("queue_seconds_count") is None
