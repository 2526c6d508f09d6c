"""`shopnow trace` tells a stranger where the time of a request went."""

import json

import pytest
from click.testing import CliRunner

from ops.cli import main
from ops.trace.reading import Traces
from ops.trace.tree import tree

MS = 1_000_000
TRACE = "0af7651916cd43dd8448eb211c80319c"
REQUEST = "01a2041f-704b-7402-9a03-c69cb2f94e3d"


def a_span(name, service, number, parent=None, *, at=0, ms=1, kind="client", **more):
    attributes = more.pop("attributes", {})
    return {
        "trace": TRACE,
        "span": f"{number:016x}",
        "parent": f"{parent:016x}" if parent else None,
        "service": service,
        "process": f"{service}.1",
        "name": name,
        "kind": kind,
        "start": (1_000_000 + at) * MS,
        "ns": ms * MS,
        "error": False,
        "attributes": attributes,
        **more,
    }


ASKED = {"shopnow.request_id": REQUEST, "http.response.status_code": 503}
AWAY = {"error.type": "service_unavailable"}
SPANS = [
    a_span("find products", "product_service", 4, 3, at=30, ms=60),
    a_span("product_service/get", "product_service", 3, 2, at=20, ms=80, kind="server"),
    a_span("product_service/get", "gateway", 2, 1, at=10, ms=90),
    a_span("GET /v1/products", "gateway", 1, ms=100, kind="server", attributes=ASKED),
    a_span("auth", "gateway", 5, 1, at=1, ms=2, error=True, attributes=AWAY),
    a_span("process it", "user_service", 6, 99, at=200, ms=1800, kind="consumer"),
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOPNOW_RUN_DIR", str(tmp_path))
    traces = tmp_path / "traces"
    traces.mkdir()
    for span in SPANS:
        with (traces / f"{span['service']}.1.jsonl").open("a") as file:
            file.write(json.dumps(span, separators=(",", ":")) + "\n")
    return traces


def shopnow(*words):
    return CliRunner().invoke(main, ["trace", *words])


def test_a_tree_has_what_was_done_under_who_had_it_done():
    assert [(row.depth, row.title) for row in tree(SPANS)] == [
        (0, "gateway: GET /v1/products 503"),
        (1, "auth"),
        (1, "product_service/get"),
        (2, "product_service/get"),
        (3, "find products"),
        (0, "user_service: process it"),
    ]


def test_spans_that_name_each_other_do_not_lead_round_in_a_circle():
    circle = [a_span("a", "gateway", 1, 2), a_span("b", "gateway", 2, 1)]
    assert tree(circle) == []


@pytest.mark.parametrize("name", [TRACE, REQUEST])
def test_a_trace_is_found_by_its_id_and_by_that_of_its_request(folder, name):
    told = shopnow(name)
    assert told.exit_code == 0
    lines = told.output.splitlines()
    assert lines[:2] == [f"trace    {TRACE}", f"request  {REQUEST}"]
    assert "2.00 s, spans: 6, processes: 3" in lines[2]
    assert lines[4].split() == [
        "gateway:",
        "GET",
        "/v1/products",
        "503",
        "━",
        "100",
        "ms",
    ]
    assert "auth ✗ service_unavailable" in lines[5]
    assert lines[-1].endswith(18 * "━" + "   1.80 s")
    assert max(map(len, lines)) <= 80


def test_names_of_any_length_fit_into_eighty_columns(folder):
    spans = [a_span("x" * 200, "gateway", n + 1, n, attributes=AWAY) for n in range(30)]
    text = "".join(f"{json.dumps(span, separators=(',', ':'))}\n" for span in spans)
    (folder / "long.1.jsonl").write_text(text)
    assert max(map(len, shopnow(TRACE).output.splitlines())) <= 80


def test_a_trace_that_is_not_there_is_no_traceback(folder):
    told = shopnow("nothing")
    assert told.exit_code == 1
    assert "there is no trace of nothing" in told.output


def test_the_latest_are_listed_and_those_that_failed(folder):
    assert f"{TRACE} GET /v1/products 503" in shopnow().output
    assert shopnow("--errors").exit_code == 1


class Read(bytes):
    """A line that counts how often somebody searches it."""

    searches = 0

    def __contains__(self, word):
        Read.searches += 1
        return super().__contains__(word)


def test_a_name_that_all_share_costs_two_looks_at_each_line(tmp_path, monkeypatch):
    spans = [a_span("GET", "gateway", n, trace=f"{n:032x}") for n in range(50)]
    lines = [Read(f"{json.dumps(span)}\n".encode()) for span in spans]
    traces = Traces(tmp_path)
    monkeypatch.setattr(traces, "lines", lambda: iter(lines))

    assert traces.look_for("gateway") == spans
    assert Read.searches == len(lines)


def test_what_has_just_happened_is_waited_for(tmp_path):
    """The file is written while we look."""
    now = [SPANS[0]["start"] / 1e9]

    def sleep(seconds):
        now[0] += seconds
        text = json.dumps(SPANS[0], separators=(",", ":"))
        (tmp_path / "late.1.jsonl").write_text(f"{text}\n{text[:20]}")

    traces = Traces(tmp_path, now=lambda: now[0], sleep=sleep)
    assert traces.find(TRACE) == [SPANS[0]]
