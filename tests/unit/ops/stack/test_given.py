import socket

import pytest

from ops.errors import Problem
from ops.stack import given
from ops.stack.given import demand_reachable


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        yield nobody.getsockname()[1]


def test_who_answers_is_no_trouble(port, closed):
    members = f"127.0.0.1:{closed},127.0.0.1:{port}"
    demand_reachable(
        {
            "AMQP_URI": f"amqp://shop:a%40b@127.0.0.1:{port}/shop",
            "ORDER_DB_URI": f"postgresql://shop:secret@127.0.0.1:{port}/orders",
            "PRODUCT_MONGO_URI": f"mongodb://shop:secret@{members}/x?replicaSet=rs0",
            "CONSUL_URI": f"http://127.0.0.1:{port}",
            "REPLAY_SECRET": "no address",
        }
    )


def test_who_does_not_answer_is_named(closed):
    uri = f"redis://:secret@127.0.0.1:{closed}/0"
    with pytest.raises(Problem) as trouble:
        demand_reachable({"REDIS_URI": uri})
    assert trouble.value.message == (
        f"REDIS_URI does not lead to a Redis: 127.0.0.1:{closed}: Connection refused"
    )


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("rubbish", "it does not begin with amqp://"),
        ("http://shop:secret@here", "it does not begin with amqp://"),
        ("amqp://", "it names no host"),
        ("amqp://shop:sec/ret@here", "its host or port cannot be read"),
        ("amqp://shop@here:99999", "its host or port cannot be read"),
    ],
)
def test_what_is_no_address_is_not_tried(uri, why, monkeypatch):
    monkeypatch.delattr(given.socket, "create_connection")
    with pytest.raises(Problem) as trouble:
        demand_reachable({"AMQP_URI": uri})
    assert trouble.value.message == f"AMQP_URI does not lead to a broker: {why}"
