import socket
from dataclasses import replace

import psycopg2
import pytest

from ops.doctor import clock, servers
from ops.stack import probes
from ops.stack.state import State
from tests.unit.ops.doctor.conftest import bad, only

NOBODY = "redis://:secret@127.0.0.1:1/0"


@pytest.fixture
def somebody():
    """``host:port`` of somebody who listens and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def look(variable, case):
    return only(servers.server(variable, case))


def test_a_server_of_ours_that_does_not_answer(case_of):
    case = case_of(variables={"REDIS_URI": NOBODY})
    started = replace(case, state=State(servers=[{"name": "redis"}]))
    _, told, remedy = look("REDIS_URI", started)
    assert "127.0.0.1:1" in told
    assert "secret" not in told
    assert remedy.startswith("make status; tail ")
    assert look("REDIS_URI", case)[2] == "make start"


def test_a_server_that_the_shell_names(case_of):
    case = case_of(REDIS_URI=NOBODY)
    assert look("REDIS_URI", case)[2].endswith("unset REDIS_URI")


@pytest.mark.parametrize("variable", servers.NAMES)
def test_an_address_that_is_none(case_of, variable):
    case = case_of(variables={variable: "rubbish://user:secret@[nowhere"})
    standing, told, _ = look(variable, case)
    assert standing == "problem"
    assert "secret" not in told


def test_a_password_that_is_refused(case_of, somebody, monkeypatch):
    def refuse(uri):
        raise psycopg2.OperationalError('password authentication failed for "users"')

    monkeypatch.setitem(probes.PROBES, "USER_DB_URI", refuse)
    case = case_of(variables={"USER_DB_URI": f"postgresql://users:x@{somebody}/users"})
    assert look("USER_DB_URI", case)[2].startswith("make stop; make start")


def test_a_server_that_is_too_old(case_of, somebody, monkeypatch):
    monkeypatch.setitem(probes.PROBES, "REDIS_URI", lambda uri: "6.2.7")
    case = case_of(variables={"REDIS_URI": f"redis://{somebody}/0"})
    standing, told, _ = look("REDIS_URI", case)
    assert standing == "warning"
    assert told == f"6.2.7 at {somebody}; tested is 7.0 and later"


def test_a_consul_without_a_leader(case_of, page):
    case = case_of(variables={"CONSUL_URI": page(200, "")})
    assert "it has no leader" in look("CONSUL_URI", case)[1]


def test_a_gateway_that_is_not_ready_says_what_is_missing(case_of, page):
    body = {"dependencies": {"redis": "passing", "user_service": "critical"}}
    case = case_of(variables={"SHOPNOW_URL": page(503, body)})
    _, told, _ = only(servers.gateway(case))
    assert told.endswith("is not ready: user_service critical")


def test_a_gateway_that_says_something_else(case_of, page):
    case = case_of(variables={"SHOPNOW_URL": page(200, ["hello"])})
    assert only(servers.gateway(case))[0] == "problem"


def test_a_gateway_that_warns(case_of, page):
    body = {"dependencies": {}, "warnings": ["Consul is away"]}
    case = case_of(variables={"SHOPNOW_URL": page(200, body)})
    assert only(servers.gateway(case))[:2] == ("warning", "Consul is away")


def test_a_gateway_where_nobody_is(case_of):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    case = case_of(variables={"SHOPNOW_URL": f"http://127.0.0.1:{port}"})
    assert only(servers.gateway(case))[2] == "make status"


@pytest.mark.parametrize(("off", "standing"), [(0.1, "warning"), (-7.0, "problem")])
def test_clocks_that_do_not_agree(case_of, monkeypatch, off, standing):
    monkeypatch.setitem(clock.CLOCKS, "REDIS_URI", lambda uri: off)
    found, told, _ = only(clock.agreement(case_of(variables={"REDIS_URI": NOBODY})))
    assert found == standing
    assert told.startswith(f"the clock behind REDIS_URI is {off:+.2f} s off ours")


def test_a_clock_that_tells_the_past_in_a_header(page):
    url = page(200, {}, Date="Sun, 22 Nov 2015 00:00:00 GMT")
    assert clock.header(url) < -1_000_000


def test_a_clock_that_is_set_while_we_look(monkeypatch):
    wall, steady = clock.BEGAN
    monkeypatch.setattr(clock, "BEGAN", (wall - 60, steady))
    assert "has just jumped by +60." in only(clock.steadiness())[1]


def test_a_clock_that_nobody_can_be_asked_for(case_of):
    assert bad(clock.agreement(case_of(variables={"REDIS_URI": NOBODY}))) == []


def test_a_slow_answer_is_not_taken_for_a_wrong_clock(monkeypatch):
    moments = iter([100.0, 102.0] * 3)
    monkeypatch.setattr(clock, "time", lambda: next(moments))
    # Written as soon as it was asked for, or two seconds before that.
    assert clock.asked(lambda: 100.0) == 0

    moments = iter([100.0, 102.0] * 3)
    assert clock.asked(lambda: 98.0) == -2
