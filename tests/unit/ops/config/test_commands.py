"""What an operator reads, and what is refused before it is written."""

import socket

import pytest
from click.testing import CliRunner

from ops.cli import main
from ops.config import kv, taken
from ops.config.proof import prove
from ops.errors import Problem

WIDTH = 80


@pytest.fixture
def shopnow(monkeypatch, tmp_path):
    """Beside a Consul that nobody answers for."""
    monkeypatch.setenv("SHOPNOW_RUN_DIR", str(tmp_path))
    monkeypatch.setenv("CONSUL_URI", "http://127.0.0.1:1")
    return lambda *words: CliRunner().invoke(main, words)


@pytest.mark.parametrize("words", [("config", "keys"), ("chaos", "targets")])
def test_what_can_be_set_is_told_without_a_shop_and_fits(shopnow, words):
    said = shopnow(*words)

    assert said.exit_code == 0
    assert max(map(len, said.output.splitlines())) <= WIDTH


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("config", "set", "maintenance", "reads"), "is not writes, all"),
        (("config", "set", "maintenence", "all"), "did you mean 'maintenance'?"),
        (("chaos", "set", "payment=delay:2s"), "and here is production"),
        (("chaos", "set", "payment"), "is not TARGET=FAULT"),
        (("config", "get"), "does it run? make start"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(shopnow, words, why):
    said = shopnow(*words)

    assert said.exit_code in (1, 2)
    assert why in said.output
    assert "Traceback" not in said.output


def test_a_consul_that_stands_still_keeps_nobody(shopnow, monkeypatch):
    monkeypatch.setattr(kv, "MOST_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("CONSUL_URI", uri)
        said = shopnow("config", "get")

    assert (said.exit_code, said.output.count("\n")) == (1, 1)
    assert "ReadTimeout" in said.output


def test_what_is_set_and_what_was_shipped_are_told_apart(shopnow, monkeypatch):
    found = {"features/reviews": "true", "features/exports": "false"}
    monkeypatch.setattr(kv, "read", lambda: (1, found))

    said = shopnow("config", "get").output.splitlines()

    assert [line.split() for line in said] == [
        ["features/exports", "false"],
        ["features/reviews", "true", "(as", "shipped)"],
    ]


@pytest.mark.parametrize(
    ("target", "why"),
    [("payments", "payments is no target"), ("payment", "payment has no fault")],
)
def test_a_fault_that_is_not_there_is_not_cleared(shopnow, monkeypatch, target, why):
    monkeypatch.setattr(kv, "read", lambda: (1, {}))

    said = shopnow("chaos", "clear", target)

    assert said.exit_code == 1
    assert why in said.output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("resilience/redis", {"open_seconds": 5}),
        ("deadlines/routes", {"GET /v1/nothing": 1}),
    ],
)
def test_what_contradicts_the_configuration_is_refused(name, value):
    with pytest.raises(ValueError, match=r"config\.yml|there is no route"):
        prove(name, value)


def test_what_goes_with_the_configuration_is_not():
    prove("resilience/redis", {"open_seconds": 0.5, "failure_share": 0.2})
    prove("deadlines/routes", {"POST /v1/orders": 8})
    prove("maintenance", "all")


@pytest.fixture
def tells(monkeypatch):
    """``tells(settings, refused)`` is a process that says so."""

    def process(settings, refused):
        page = {"settings": settings, "refused": refused}
        monkeypatch.setattr(taken.http, "call", lambda method, uri: page)
        return taken.Process("gateway-1", "http://127.0.0.1:1/config")

    return process


def test_a_process_has_what_it_knows_and_did_not_refuse(tells):
    assert tells({"maintenance": "all"}, {}).has("maintenance", "all")
    assert not tells({"maintenance": "writes"}, {}).has("maintenance", "all")
    assert tells({}, {}).has("maintenance", None)
    with pytest.raises(Problem, match="gateway-1 does not take maintenance over: no"):
        tells({"maintenance": "all"}, {"maintenance": "no"}).has("maintenance", "all")


def test_a_process_that_does_not_answer_gives_no_word():
    silent = taken.Process("gateway-1", "http://127.0.0.1:1/config")

    assert silent.has("maintenance", "all") is None
