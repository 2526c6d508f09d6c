"""What is kept leaves the process as OpenTelemetry's spans: in a file, and by OTLP."""

import json
import logging
from contextlib import contextmanager, suppress
from time import monotonic

import eventlet
import pytest
from eventlet import wsgi
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)

from common import tracing
from common.errors import Unavailable, service_unavailable
from common.tracing import Kind
from common.tracing.trace_file import TraceFile
from common.tracing.tracer import TRACER

NOWHERE = "http://127.0.0.1:1"


@contextmanager
def telling(**settings):
    """A process that tells of all its traces, and has told when this ends."""
    before = dict(vars(TRACER))
    end = tracing.set_up("order_service", {"TRACES": {"share": 1, **settings}})
    try:
        yield
    finally:
        end()
        vars(TRACER).update(before)


def lines(path):
    return {
        line["name"]: line
        for line in map(json.loads, path.read_text().split("\n")[:-1])
    }


def test_the_file_has_a_line_a_span(tmp_path):
    path = tmp_path / "traces" / "order_service.1.jsonl"
    method = {"rpc.method": "place_order"}
    with (
        telling(file=str(path)),
        suppress(Unavailable),
        tracing.entry("place_order", Kind.SERVER, method),
        tracing.span("call", Kind.CLIENT),
    ):
        raise service_unavailable()

    told = lines(path)
    entry, call = told["place_order"], told["call"]
    assert entry["trace"] == call["trace"]
    assert entry["parent"] is None
    assert call["parent"] == entry["span"]
    assert (entry["kind"], call["kind"]) == ("server", "client")
    assert entry["service"] == "order_service"
    assert entry["ns"] >= call["ns"] >= 0
    assert entry["error"]
    assert entry["attributes"] == {
        "rpc.method": "place_order",
        "shopnow.outcome": "service_unavailable",
        "error.type": "service_unavailable",
    }


def test_the_file_keeps_within_its_bounds(tmp_path):
    path = tmp_path / "one.jsonl"
    with telling(file=str(path)), tracing.entry("first"):
        pass
    small = TraceFile(str(path), largest=10)
    small.export([])
    assert not path.exists()
    assert lines(tmp_path / "one.jsonl.1").keys() == {"first"}


@pytest.fixture
def collector():
    """A server that takes OTLP, as Jaeger does."""
    found = []

    def take(environ, start_response):
        body = environ["wsgi.input"].read()
        found.append((environ["PATH_INFO"], ExportTraceServiceRequest.FromString(body)))
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    listener = eventlet.listen(("127.0.0.1", 0))
    serving = eventlet.spawn(wsgi.server, listener, take, log_output=False)
    found.append(f"http://127.0.0.1:{listener.getsockname()[1]}")
    yield found
    serving.kill()


def test_a_collector_is_told_by_otlp(collector):
    [url] = collector
    with telling(endpoint=url), tracing.entry("GET /v1/products") as entry:
        pass

    path, request = collector[1]
    assert path == "/v1/traces"
    [resource] = request.resource_spans
    named = {a.key: a.value.string_value for a in resource.resource.attributes}
    assert named["service.name"] == "order_service"
    [span] = resource.scope_spans[0].spans
    assert span.name == "GET /v1/products"
    assert span.trace_id.hex() == entry.trace_id
    assert span.span_id.hex() == entry.span_id


def test_a_collector_that_is_away_costs_one_line(caplog, tmp_path, monkeypatch):
    monkeypatch.setattr("common.tracing.exporting.OTLP_SECONDS", 0.1)
    monkeypatch.setattr("common.tracing.exporting.BATCH", 1)
    path = tmp_path / "one.jsonl"
    with (
        caplog.at_level(logging.DEBUG, "common"),
        telling(endpoint=NOWHERE, file=str(path)),
    ):
        for name in ("first", "second", "third"):
            tracing.entry(name).finish()

    assert lines(path).keys() == {"first", "second", "third"}
    [line] = [record for record in caplog.records if "away" in record.message]
    assert line.message == f"traces cannot be told: {NOWHERE}/v1/traces is away"


@pytest.fixture
def deaf():
    """Where somebody accepts, and says nothing."""
    listener = eventlet.listen(("127.0.0.1", 0))
    heard = []

    def accept():
        while True:
            heard.append(listener.accept())

    accepting = eventlet.spawn(accept)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    accepting.kill()
    for connection, _ in heard:
        connection.close()
    listener.close()


def test_a_collector_that_says_nothing_does_not_keep_a_process(
    deaf, tmp_path, monkeypatch
):
    monkeypatch.setattr("common.tracing.exporting.END_MS", 200)
    monkeypatch.setattr("common.tracing.exporting.BATCH", 1)
    path = tmp_path / "one.jsonl"
    with telling(endpoint=deaf, file=str(path)):
        for name in ("first", "second", "third"):
            tracing.entry(name).finish()
        began = monotonic()

    assert 0.1 < monotonic() - began < 10
    assert lines(path).keys() == {"first", "second", "third"}


def test_without_anybody_to_tell_nothing_is_set_up():
    with telling():
        assert TRACER.export.__name__ == "nobody"


def test_a_configuration_that_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="not from 0 to 1"), telling(share=2):
        pass
    with pytest.raises(TypeError), telling(sahre=1):
        pass
