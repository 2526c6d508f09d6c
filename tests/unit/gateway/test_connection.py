"""A connection that is dismissed ends, whatever has come meanwhile."""

import eventlet
import pytest
from eventlet import patcher

from gateway.bounds import Bounds
from gateway.connection import Connection

READY = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nready"
ASKED = b"GET /ready HTTP/1.1\r\nHost: shop\r\n\r\n"


class Gate:
    bounds = Bounds()
    patience = bounds.patience

    def __init__(self):
        self.door, self.connections = self, set()
        self.draining = False

    def ready(self, method, target, headers, peer):
        return READY


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def pair():
    sockets = patcher.original("socket")
    with sockets.create_server(("127.0.0.1", 0)) as door:
        client = sockets.create_connection(door.getsockname(), 5)
        ours, _ = door.accept()
    with ours, client:
        yield ours, client


@pytest.fixture
def client(pair):
    return pair[1]


@pytest.fixture
def connection(gate, pair):
    connection = Connection(pair[0], "10.0.0.1", gate)
    gate.connections.add(connection)
    connection.running = eventlet.spawn(connection.run)
    eventlet.sleep(0)
    return connection


def heard(client, connection):
    """All that it says, once it has ended."""
    with eventlet.Timeout(2):
        connection.running.wait()
    try:
        return client.recv(1000)
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("asked", [ASKED, ASKED[:20], b""])
def test_who_is_dismissed_leaves_though_more_has_come(gate, client, connection, asked):
    client.sendall(asked)

    gate.connections.discard(connection)
    connection.dismiss()

    assert heard(client, connection) == b""


@pytest.mark.parametrize(("asked", "is_answered"), [(ASKED, True), (ASKED[:20], False)])
def test_at_the_end_who_has_asked_is_answered_last(
    gate, client, connection, asked, is_answered
):
    client.sendall(asked)

    gate.draining = True
    connection.dismiss()

    assert heard(client, connection).endswith(b"ready") is is_answered


def test_a_dismissed_connection_is_late_whatever_it_does(client, connection):
    connection.dismiss()
    connection.enter("answering")

    assert connection.late(0)
    assert heard(client, connection) == b""
