"""The load generator counts what it asked for, whatever becomes of a connection."""

import json
import socket

import pytest
from eventlet import patcher

from bench import open_load
from bench.open_load import Load

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture
def file(tmp_path):
    place = tmp_path / "mix.jsonl"
    place.write_text(json.dumps(["product", "GET / HTTP/1.1\r\n\r\n"]) + "\n")
    return place


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture(autouse=True)
def _epoll(monkeypatch):
    """In a process of its own, nothing is patched by eventlet."""
    monkeypatch.setattr(open_load, "select", patcher.original("select"))


def test_a_connection_that_is_closed_while_idle_is_no_error(file, listener):
    load = Load(listener.getsockname(), file, most=1)
    load.send(due=0.0)
    client, _ = listener.accept()
    client.sendall(ANSWER)
    while load.busy:
        load.hear(1.0)
    client.close()
    while load.open:
        load.hear(1.0)

    assert load.found(1.0)["all"]["requests"] == 1
    assert load.found(1.0)["all"]["errors"] == {}


def test_who_is_refused_at_the_door_is_counted_and_the_run_goes_on(file, listener):
    address = listener.getsockname()
    listener.close()
    load = Load(address, file, most=1)

    load.send(due=0.0)
    load.send(due=0.0)

    assert load.found(1.0)["all"]["requests"] == 2
    assert load.found(1.0)["all"]["errors"] == {"0": 2}
