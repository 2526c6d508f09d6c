"""Spans know their trace and their parent, and nobody else's."""

import gc

import eventlet
import pytest

from common import tracing
from common.errors import Conflict, service_unavailable
from common.tracing import Kind, Parent
from common.tracing.tracer import MOST_A_SECOND, NS, TRACER, Tracer

HEADER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def told(monkeypatch):
    """Spans that were told of, by name; everything is sampled."""
    found = {}

    def take(entry, spans):
        found.update({span.name: span for span in spans})

    monkeypatch.setattr(TRACER, "export", take)
    monkeypatch.setattr(TRACER, "bound", 1 << 56)
    return found


def test_nothing_is_current_outside_of_an_entry():
    assert tracing.current() is None
    with tracing.span("SELECT") as lost:
        lost.note("rows", 1)
        assert tracing.current() is None
    assert lost is tracing.NOTHING


def test_a_part_has_the_trace_of_its_entry_and_the_id_of_its_parent(told):
    with tracing.entry("GET /v1/products") as entry:
        with tracing.span("call", Kind.CLIENT) as call:
            assert tracing.current() is call
            with tracing.span("write"):
                pass
        assert tracing.current() is entry

    assert tracing.current() is None
    assert {span.trace_id for span in told.values()} == {entry.trace_id}
    assert told["write"].parent_id == call.span_id
    assert told["call"].parent_id == entry.span_id
    assert entry.parent_id is None
    assert list(told) == ["write", "call", "GET /v1/products"]


def test_an_entry_goes_on_with_the_trace_that_it_is_told_of(told):
    with tracing.entry("place_order", parent=tracing.read(HEADER)) as entry:
        assert tracing.header_of(entry)[:35] == HEADER[:35]

    assert entry.parent_id == "b7ad6b7169203331"
    assert entry.sampled


@pytest.mark.parametrize(
    "header",
    [
        None,
        7,
        "",
        HEADER.upper(),
        HEADER[:-1],
        "ff" + HEADER[2:],
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01",
    ],
)
def test_what_is_no_traceparent_is_no_parent(header):
    assert tracing.read(header) is None


def test_another_greenlet_works_for_nobody_unless_it_is_told(told):
    def work():
        with tracing.span("elsewhere"):
            pass
        with tracing.under(entry), tracing.span("for us"):
            pass

    with tracing.entry("GET") as entry:
        eventlet.spawn(work).wait()

    assert "elsewhere" not in told
    assert told["for us"].parent_id == entry.span_id


def test_who_goes_on_with_a_span_does_not_say_how_it_ended(told):
    with tracing.entry("GET") as entry, tracing.under(entry) as mine:
        mine.blame(ValueError())

    assert told["GET"].error is None


def test_what_outlives_its_entry_is_told_of_as_well(told):
    with tracing.entry("GET"):
        late = tracing.span("late")
    late.finish()

    assert told["late"].trace_id == told["GET"].trace_id


def test_a_refusal_is_an_outcome_and_an_outage_is_an_error(told):
    with pytest.raises(Conflict), tracing.entry("refused"):
        raise Conflict("out_of_stock", "There are too few")
    with pytest.raises(Exception), tracing.entry("away"):  # noqa: B017, PT011
        raise service_unavailable()
    with pytest.raises(ZeroDivisionError), tracing.entry("broken"):
        1 / 0  # noqa: B018

    assert told["refused"].attributes == {"shopnow.outcome": "out_of_stock"}
    assert told["refused"].error is None
    assert told["away"].error == "service_unavailable"
    assert told["broken"].error == "ZeroDivisionError"


def test_where_tracing_is_off_nothing_is_recorded(monkeypatch, told):
    monkeypatch.setattr(TRACER, "off", True)
    with tracing.entry("GET"), tracing.span("call"):
        assert tracing.current() is None
    assert told == {}


def test_what_is_dropped_needs_no_collector(monkeypatch):
    monkeypatch.setattr(TRACER, "bound", 0)
    gc.collect()
    gc.disable()
    try:
        with tracing.entry("GET"), tracing.span("call"), tracing.span("write"):
            pass
        assert gc.collect() == 0
    finally:
        gc.enable()


def ended(tracer, sampled=False, failed=False, seconds=0.0):
    with tracing.entry("GET", parent=Parent("1" * 32, "2" * 16, sampled)) as entry:
        pass
    entry.failed = failed
    entry.end = entry.start + int(seconds * NS)
    return tracer.ended(entry, [])


def test_what_is_sampled_failed_or_was_slow_is_kept():
    tracer = Tracer()
    assert ended(tracer, sampled=True)
    assert ended(tracer, failed=True)
    assert ended(tracer, seconds=1.1)
    assert not ended(tracer)


def test_what_comes_round_by_itself_is_not_sampled(told):
    with tracing.entry("resume", idle=True) as entry:
        assert not entry.sampled
    with pytest.raises(ValueError), tracing.entry("prune", idle=True):  # noqa: PT011
        raise ValueError
    assert list(told) == ["prune"]


def test_when_everything_fails_some_of_it_is_kept():
    now = 0.0
    tracer = Tracer(lambda: now)
    failures = [ended(tracer, failed=True) for _ in range(10 * MOST_A_SECOND)]
    assert failures.count(True) == MOST_A_SECOND
    assert ended(tracer, sampled=True)
    now = 0.5
    failures = [ended(tracer, failed=True) for _ in range(10 * MOST_A_SECOND)]
    assert failures.count(True) == MOST_A_SECOND // 2


@pytest.mark.parametrize(("share", "least", "most"), [(0, 0, 0), (1, 2000, 2000)])
def test_the_share_of_what_is_sampled_is_configured(share, least, most, monkeypatch):
    monkeypatch.setattr(TRACER, "bound", TRACER.bound)
    TRACER.set_share(share)
    sampled = sum(tracing.entry("GET").sampled for _ in range(2000))
    assert least <= sampled <= most


def test_a_share_beyond_one_is_refused():
    with pytest.raises(ValueError, match="not from 0 to 1"):
        Tracer().set_share(1.5)
