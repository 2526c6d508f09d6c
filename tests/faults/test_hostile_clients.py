"""Clients that are slow, idle or greedy stop nobody else."""

import resource
import socket
from contextlib import ExitStack, suppress

import pytest

from tests.faults.rig import on_both, until

MORE_THAN_WORKERS = 12
DESCRIPTORS = 200
GREEDY_BYTES = 300 * 1024 * 1024
MOST_MEMORY = 200 * 1024 * 1024
BEGINNING = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture
def connect(rig):
    """``connect()``: a connection to the front, closed in the end."""
    with ExitStack() as opened:
        address = ("127.0.0.1", rig.port)
        yield lambda: opened.enter_context(socket.create_connection(address, 3))


@on_both("a worker waits for every body")
def test_slow_bodies_do_not_stop_the_others(rig, connect):
    rig.start("Front")

    for _ in range(MORE_THAN_WORKERS):
        connect().sendall(BEGINNING + b"Content-Length: 1000\r\n\r\n{")

    for _ in range(MORE_THAN_WORKERS):
        assert rig.ask("GET", "/ping").status == 200


@on_both("the accept loop ends with its descriptors, and the process with it")
def test_idle_connections_do_not_end_the_process(rig, connect):
    front = rig.start("Front")
    front.about.rlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))

    with ExitStack() as idle:
        for _ in range(DESCRIPTORS + 30):
            with suppress(OSError):
                idle.enter_context(connect())
        # Who is answered comes after all of them, so it has met them all.
        until(lambda: rig.answers() or not front.alive, 15, "service beside them")

    assert front.alive


@on_both("it takes whatever is sent")
def test_a_greedy_body_is_refused_before_it_fills_the_memory(rig, connect):
    front = rig.start("Front")
    client = connect()

    client.sendall(BEGINNING + b"Content-Length: %d\r\n\r\n" % GREEDY_BYTES)
    client.settimeout(10)
    with suppress(ConnectionError):
        for _ in range(GREEDY_BYTES // 1024**2):
            client.sendall(b" " * 1024**2)
    with suppress(ConnectionError):
        assert client.recv(64).startswith(b"HTTP/1.1 413 ")

    assert front.peak_memory() < MOST_MEMORY
    assert rig.ask("GET", "/ping").status == 200


@on_both("the text of an exception is the answer")
def test_an_exception_keeps_its_text_to_itself(rig):
    rig.start("Front")

    answer = rig.ask("GET", "/trouble")

    assert answer.status == 500
    assert b"secret" not in answer.raw
