"""A stranger's wish to be traced is heard, and does not cost the others."""

import pytest

from common.tracing.tracer import MOST_A_SECOND, TRACER, Allowance
from gateway import traces
from gateway.request import Request
from gateway.routing import Found

HEADER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def now(monkeypatch):
    """All stands still for both allowances; nothing is told."""
    monkeypatch.setattr(TRACER, "export", lambda entry, spans: None)
    monkeypatch.setattr(TRACER, "unsampled", Allowance(lambda: 0.0))
    monkeypatch.setattr(traces, "STRANGERS", Allowance(lambda: 0.0))


def begin():
    return traces.traced(Request("GET", b"/", {"traceparent": HEADER}), Found())


def test_of_strangers_so_many_are_sampled_and_the_rest_is_still_theirs(now):
    spans = [begin() for _ in range(3 * MOST_A_SECOND)]

    assert [span.sampled for span in spans].count(True) == MOST_A_SECOND
    assert {span.trace_id for span in spans} == {HEADER.split("-")[1]}


def test_strangers_do_not_hide_what_fails(now):
    for _ in range(3 * MOST_A_SECOND):
        begin().finish()
    failed = begin()
    failed.fail("unexpected")
    failed.finish()

    assert not failed.sampled
    assert failed.kept
