"""What a process is asked is counted by how it ends."""

import pytest
from nameko.exceptions import IncorrectSignature, MethodNotFound
from prometheus_client import CollectorRegistry

from common.errors import Conflict, Unavailable
from common.metrics.calls import Calls, outcome_of


@pytest.fixture
def calls():
    return Calls("dish", "cooked", "cooking_seconds", "hungry_seconds")


@pytest.fixture
def read(calls):
    registry = CollectorRegistry()
    registry.register(calls)
    return registry.get_sample_value


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (None, "ok"),
        (Conflict("sold", "Sold"), "refused"),
        (MethodNotFound("fly"), "refused"),
        (IncorrectSignature("too many"), "refused"),
        (Unavailable("away", "Away"), "unavailable"),
        (KeyError("egg"), "failed"),
        (TimeoutError(), "failed"),
    ],
)
def test_an_outcome_says_whose_fault_it_was(trouble, outcome):
    assert outcome_of(trouble) == outcome


def test_calls_are_counted_by_name_and_outcome(calls, read):
    calls.end("soup", "ok", 0.2)
    calls.end("soup", "ok", 0.3)
    calls.end("soup", "failed", 0.1)

    assert read("cooked_total", {"dish": "soup", "outcome": "ok"}) == 2
    assert read("cooked_total", {"dish": "soup", "outcome": "failed"}) == 1
    assert read("cooking_seconds_count", {"dish": "soup"}) == 3


def test_a_clock_that_is_behind_makes_no_negative_wait(calls, read):
    calls.begin(-3.0)

    assert read("hungry_seconds_sum") == 0
    assert read("hungry_seconds_count") == 1
