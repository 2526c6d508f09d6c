"""The ops page holds what there is to see, and nothing that could harm who looks."""

import json
import re
from dataclasses import replace
from socket import create_server

import pytest
from werkzeug.test import Client

from ops.console.command import hosts
from ops.console.page import Page, sparkline
from ops.console.server import Console, serve
from ops.console.traces import laid_out
from ops.errors import Problem
from tests.watched import ERROR, Watched, watching

TRACE = ERROR["trace_id"]
PAGE = Page("local")


@pytest.fixture
def shop():
    return Watched()


@pytest.fixture
def look(shop):
    """``look(good=3)``: the second of two looks, between which that has happened."""

    def take(**changes):
        gatherer, clock = watching(shop)
        gatherer.look()
        vars(shop).update(changes)
        clock.seconds += 5
        return gatherer.look()

    return take


def client(view, **options):
    page = Page("local", **options) if options else PAGE
    return Client(Console(lambda: view, page))


def text(view, path="/ops", **options):
    answer = client(view, **options).get(path)
    assert answer.status_code == 200
    return answer.text


def test_the_page_shows_each_part(look):
    page = text(look(good=40, lines=[ERROR], letters=2, outbox=3.0, saga=4.0))

    for fact in (
        "GET /v1/products",
        "rpc-order_service",
        "11815",
        "place_order",
        "orders to",
        "2 dead letters",
        "shopnow dead-letters list",
    ):
        assert fact in page


def test_a_shop_that_is_well_says_so_in_its_title(look):
    well, ill = text(look()), text(look(passing=False))

    assert ("All is well" in well, "<title>✓" in well) == (True, True)
    assert ("1 problem" in ill, "<title>✕" in ill) == (True, True)


def test_nothing_runs_in_it_and_nothing_comes_from_elsewhere(look):
    answer = client(look(lines=[ERROR])).get("/ops")
    policy = answer.headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "<script" not in answer.text
    assert not re.search(r'(src|href)="(?!/ops|#)', answer.text)
    assert not re.search(r"\son\w+=|\sstyle=", answer.text)
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_a_process_says_is_text_and_no_markup(look):
    page = text(look(lines=[ERROR | {"message": "<img src=x>"}]))

    assert "&lt;img src=x&gt;" in page
    assert "<img" not in page


def test_it_comes_again_by_itself_until_it_is_held(look):
    assert '<meta http-equiv="refresh" content="5">' in text(look())
    assert "http-equiv" not in text(look(), "/ops?hold")


def test_quiet_queues_are_shown_to_who_asks(look):
    assert "on_sessions_ended" not in text(look())
    assert "on_sessions_ended" in text(look(), "/ops?all")


def test_an_error_leads_to_its_trace(look):
    view = look(lines=[ERROR])

    assert f'href="/ops/traces/{TRACE}"' in text(view)
    jaeger = text(view, trace_url="http://jaeger:16686/")
    assert f'href="http://jaeger:16686/trace/{TRACE}"' in jaeger


def test_a_trace_is_shown_or_not_there(look):
    told = {
        "trace": TRACE, "span": "a", "parent": None, "service": "gateway",
        "name": "POST /v1/orders", "start": 10**18, "ns": 81_000_000, "error": True,
        "attributes": {"http.route": "/v1/orders"},
    }  # fmt: skip
    known = {TRACE: laid_out(TRACE, [told])}

    page = text(look(), f"/ops/traces/{TRACE}", find=known.get)

    assert ("POST /v1/orders" in page, "81 ms" in page) == (True, True)
    nothing = client(look(), find=known.get).get("/ops/traces/beef")
    assert (nothing.status_code, "not sampled" in nothing.text) == (404, True)


@pytest.mark.parametrize("word", ["gateway", TRACE.upper(), f"{TRACE}0", f"{TRACE}%0A"])
def test_what_is_no_trace_id_is_not_looked_for(word):
    asked = []

    answer = client(None, find=asked.append).get(f"/ops/traces/{word}")

    assert (answer.status_code, asked) == (404, [])


class TestHosts:
    """A stranger's page whose name leads to this machine reads nothing here."""

    def status(self, host, *more):
        page = Client(Console(lambda: None, PAGE, more))
        return page.get("/healthz", headers={"Host": host}).status_code

    @pytest.mark.parametrize(
        "host", ["127.0.0.1:9400", "localhost", "LocalHost:8080", "[::1]:9400"]
    )
    def test_who_forwards_a_port_to_this_machine_is_answered(self, host):
        assert self.status(host) == 200

    @pytest.mark.parametrize(
        "host", ["", "evil.example", "localhost.evil.example:9400", "10.0.0.7", "[::1"]
    )
    def test_another_name_is_refused(self, host):
        assert self.status(host) == 403

    def test_the_address_and_the_list_name_more(self, monkeypatch):
        monkeypatch.delenv("CONSOLE_HOSTS", raising=False)
        assert hosts("10.0.0.7:9400") == {"10.0.0.7"}
        monkeypatch.setenv("CONSOLE_HOSTS", "Ops.example, ops")
        names = hosts("10.0.0.7:9400")

        assert self.status("10.0.0.7:9400", *names) == 200
        assert self.status("ops.example:9400", *names) == 200
        assert self.status("evil.example", *names) == 403


def test_the_same_is_there_for_programs(look):
    told = json.loads(text(look(good=40), "/ops.json"))

    assert (told["level"], told["routes"][0]["rate"]) == ("fine", 8.0)
    assert told["instances"][0]["service"] == "gateway"


def test_before_the_first_look_there_is_no_page_but_a_process():
    nothing = client(None)

    assert nothing.get("/ops").status_code == 503
    assert nothing.get("/ops.json").status_code == 503
    assert nothing.get("/healthz").text == "ok\n"


def test_the_root_leads_to_the_page_and_the_rest_nowhere(look):
    assert client(look()).get("/").headers["Location"] == "/ops"
    assert client(look()).get("/metrics").status_code == 404
    assert client(look()).post("/ops").status_code == 405


def test_many_routes_are_cut_but_who_fails_is_shown(look):
    view = look(good=40)
    (route, *_) = view.routes
    many = [replace(route, name=f"GET /{i}") for i in range(30)]
    page = text(replace(view, routes=[*many, replace(route, name="PUT /x", failed=1)]))

    assert ("GET /11<" in page, "GET /12<" in page, "PUT /x<" in page) == (
        True,
        False,
        True,
    )
    assert "18 more" in page


@pytest.mark.parametrize("where", ["9400", "127.0.0.1", "127.0.0.1:{}"])
def test_an_address_that_cannot_be_taken_is_one_line(where):
    with create_server(("127.0.0.1", 0)) as other:
        taken = where.format(other.getsockname()[1])
        with pytest.raises(Problem, match="CONSOLE_ADDRESS"):
            serve(taken, Console(lambda: None, Page()))


def test_a_curve_goes_from_the_left_to_the_right():
    assert sparkline([1.0]) == ""
    assert sparkline([0.0, 1.0, 2.0]) == "0.0,34.0 80.0,18.0 160.0,2.0"
    assert sparkline([0.0, 0.0]) == "0.0,34.0 160.0,34.0"
