"""What goes wrong after the answer is told all the same, and by nobody twice."""

import logging
from types import SimpleNamespace

import pytest
from nameko.containers import WorkerContext

from common.errors import NotFound
from gateway.late import LateAdapter
from gateway.request import Request

log = logging.getLogger("gateway.calls")


@pytest.fixture
def end(caplog):
    """``end(trouble, outcome)``: a request's worker that has ended so."""

    def tell(trouble, outcome=None):
        request = Request("GET", b"/v1/cart")
        request.outcome = outcome
        entrypoint = SimpleNamespace(method_name="cart", expected_exceptions=NotFound)
        container = SimpleNamespace(service_name="gateway")
        worker = WorkerContext(container, object(), entrypoint, (request,))
        worker.began = 0.0
        LateAdapter(log, {}).tell(worker, None, trouble)
        return [record.call["outcome"] for record in caplog.records]

    return tell


def test_what_the_door_will_tell_is_left_to_it(end):
    assert end(KeyError()) == []


def test_a_bug_that_nobody_waited_for_any_more_is_told(end):
    assert end(KeyError(), "deadline_exceeded") == ["unexpected"]


def test_a_refusal_that_nobody_waited_for_is_not(end):
    assert end(NotFound("no_such_thing", "No"), "deadline_exceeded") == []
    assert end(None, "deadline_exceeded") == []
