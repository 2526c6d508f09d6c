"""A server that is away is neither a bug nor an answer."""

from itertools import islice

import eventlet
import pytest

import common.database  # noqa: F401 - counts timeouts as outages
from common.errors import Unavailable, service_unavailable
from common.events import TRIES, outlasting_outages, pauses, persevering
from common.outages import answering_outages, count_as_outage


class ServerAway(Exception):
    pass


count_as_outage(ServerAway)


def failing(times, trouble):
    """A method that fails so often, and then tells how often it was called."""
    calls = []

    def method():
        calls.append(None)
        if len(calls) <= times:
            raise trouble
        return len(calls)

    return method


def test_an_outage_is_answered_as_unavailable_in_one_line(caplog):
    with pytest.raises(Unavailable):
        answering_outages(failing(1, ServerAway("postgres://secret")))()

    assert len(caplog.records) == 1
    assert "secret" not in caplog.text


def test_a_bug_stays_a_bug():
    with pytest.raises(ZeroDivisionError):
        answering_outages(failing(1, ZeroDivisionError()))()


@pytest.mark.parametrize("outage", [ServerAway(), service_unavailable()])
def test_an_event_waits_for_the_server_it_needs(monkeypatch, outage):
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    assert outlasting_outages(failing(10, outage))() == 11


def test_an_event_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    with pytest.raises(ServerAway):
        outlasting_outages(failing(10_000, ServerAway()))()


def test_an_event_does_not_wait_for_a_bug(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("waited"))

    with pytest.raises(ZeroDivisionError):
        outlasting_outages(failing(1, ZeroDivisionError()))()


def test_pauses_grow_to_a_limit():
    taken = list(islice(pauses(), 20))

    assert taken == sorted(taken)
    assert taken[0] < 1
    assert taken[-1] == 10


def test_a_timeout_in_a_transaction_is_an_outage_and_kills_no_worker():
    # It is no Exception, so Nameko would never hear how its worker ended.
    late = answering_outages(failing(1, eventlet.Timeout(None)))

    with pytest.raises(Unavailable):
        late()


def test_a_handler_that_fails_is_tried_a_few_times(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    assert persevering(failing(TRIES - 1, ZeroDivisionError()))() == TRIES
    with pytest.raises(ZeroDivisionError):
        persevering(failing(TRIES, ZeroDivisionError()))()
