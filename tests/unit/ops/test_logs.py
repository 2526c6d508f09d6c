"""`shopnow logs` finds what one request, one trace or one process has said."""

import json

import pytest
from click.testing import CliRunner

from ops.cli import main

TRACE = "0af7651916cd43dd8448eb211c80319c"


def line(second, **said):
    time = f"2026-11-22T05:15:{second:02}.685214+00:00"
    said = {"time": time, "level": "info", "message": "call"} | said
    return json.dumps(said) + "\n"


def call(second, entrypoint, outcome="ok", **said):
    told = {"kind": "rpc", "entrypoint": entrypoint, "outcome": outcome}
    return line(second, **told, duration_ms=1.5, **said)


@pytest.fixture
def log(tmp_path):
    folder = tmp_path / "log"
    folder.mkdir()
    (folder / "gateway.1.log").write_text(
        line(1, message="Connected to amqp://", logger="kombu.mixins")
        + line(4, message="request", kind="http", method="POST", path="/v1/orders")
        + call(5, "place_order", request_id="r1", trace_id=TRACE)
    )
    (folder / "gateway.2.log").write_text(call(2, "get_cart", request_id="r2"))
    (folder / "order_service.1.log").write_text(
        "Traceback of somebody else\n"
        + call(3, "reserve", "unexpected", level="error", trace_id=TRACE)
        + call(6, "resume", "service_unavailable", level="warning")
        + call(7, "get_order", "no_such_order")
    )
    (folder / "postgres.log").write_text("LOG:  ready\n")
    return folder


@pytest.fixture
def logs(log, monkeypatch):
    monkeypatch.setenv("SHOPNOW_RUN_DIR", str(log.parent))

    def run(*words):
        return CliRunner().invoke(main, ["logs", *words])

    return run


def told(said):
    """The third word of a call's line is its entrypoint."""
    assert said.exit_code == 0, said.output
    return [each.split("rpc ")[1].split()[0] for each in said.output.splitlines()]


def test_all_processes_tell_one_story(logs):
    said = logs()

    assert [each.split()[1] for each in said.output.splitlines()] == [
        *("gateway.2", "order_service.1", "gateway.1", "gateway.1"),
        *("order_service.1", "order_service.1"),
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["order_service"], ["reserve", "resume", "get_order"]),
        (["gateway.2"], ["get_cart"]),
        # A line that knows no request is found by the trace that it is of.
        (["--request", "r1"], ["reserve", "place_order"]),
        (["--trace", TRACE], ["reserve", "place_order"]),
        (["--errors"], ["reserve", "resume"]),
        (["--errors", "--trace", TRACE], ["reserve"]),
        (["-n", "1"], ["get_order"]),
        (["-n", "1", "--trace", TRACE], ["reserve", "place_order"]),
    ],
)
def test_a_part_of_it_can_be_asked_for(logs, words, found):
    assert told(logs(*words)) == found


def test_a_line_is_short_and_in_words(logs):
    said = logs("order_service.1", "-n", "1").output

    assert said.endswith(
        "order_service.1  info     rpc get_order no_such_order 1.5 ms\n"
    )
    assert "\x1b" not in said


def test_a_machine_gets_what_was_written(logs, log):
    said = logs("gateway.2", "--json")

    assert said.output == (log / "gateway.2.log").read_text()


def test_that_there_is_nothing_is_told_in_the_exit_code(logs):
    assert logs("--request", "r9").exit_code == 1


@pytest.mark.parametrize("words", [["postgres"], ["nobody"]])
def test_who_is_no_service_is_told_who_there_is(logs, words):
    said = logs(*words)

    assert said.exit_code == 1
    assert "there are gateway.1, gateway.2, order_service.1" in said.output


def test_before_the_first_start_there_is_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOPNOW_RUN_DIR", str(tmp_path))

    said = CliRunner().invoke(main, ["logs"])

    assert "make start" in said.output
