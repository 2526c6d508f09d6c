"""RPC over the real broker: refusals cross it, and no call waits for ever."""

import socket
import time

import eventlet
import pytest
from kombu import Connection, Queue
from nameko import config
from nameko.exceptions import RemoteError, RpcTimeout
from nameko.rpc import rpc as stock_rpc
from nameko.standalone.rpc import ServiceRpcClient
from nameko.testing.services import dummy, entrypoint_hook
from nameko.testing.utils import get_extension

from common.deadlines import within
from common.errors import Conflict, Unavailable, service_unavailable
from common.ids import new_id
from common.outages import count_as_outage
from common.wire import Caller, Server, ServiceRpc, rpc
from tests.client import eventually

DEADLINE = 1.0
JSON = {"content_type": "application/json", "content_encoding": "utf-8"}


class ServerAway(Exception):
    pass


count_as_outage(ServerAway)


@pytest.fixture
def callee(broker, container_factory):
    """A running service of a name of its own, and what it was asked to do."""

    class Callee:
        name = f"test_{new_id()}"
        asked: list = []  # noqa: RUF012

        @rpc
        def echo(self, value):
            self.asked.append(value)
            return value

        @rpc
        def sleep(self, seconds):
            eventlet.sleep(seconds)

        @rpc
        def work(self, seconds):
            self.asked.append("work")
            eventlet.sleep(seconds)
            return "done"

        @rpc
        def refuse(self):
            raise Conflict("some_code", "In words", {"sku": "tea"})

        @rpc
        def fail(self):
            raise ServerAway("postgres://secret")

        @rpc
        def get_at_second_try(self):
            self.fail_once()

        @rpc
        def put_at_second_try(self):
            self.fail_once()

        def fail_once(self):
            self.asked.append("again")
            if len(self.asked) == 1:
                raise service_unavailable()

    container = container_factory(Callee)
    container.start()
    return container


@pytest.fixture
def call(broker, callee, container_factory):
    """``call("echo", value=1)`` through our client, in the context ``call.context``."""

    class Asking:
        name = f"test_{new_id()}"
        neighbour = ServiceRpc(callee.service_cls.name)
        nobody = ServiceRpc("test_nobody")

        @dummy
        def ask(self, neighbour, method, kwargs):
            return getattr(getattr(self, neighbour), method)(**kwargs)

    container = container_factory(Asking)
    container.start()

    def ask(method, neighbour="neighbour", **kwargs):
        with entrypoint_hook(container, "ask", ask.context) as hook:
            return hook(neighbour, method, kwargs)

    ask.context = {}
    ask.caller = get_extension(container, Caller)
    return ask


def test_a_refusal_arrives_as_it_left(call):
    with pytest.raises(Conflict) as refusal:
        call("refuse")

    assert refusal.value.args == ("some_code", "In words", {"sku": "tea"})


def test_a_server_that_is_away_is_unavailable_and_nothing_leaks(call):
    with pytest.raises(Unavailable) as refusal:
        call("fail")

    assert refusal.value.code == "service_unavailable"
    assert "secret" not in str(refusal.value)


def test_a_late_answer_is_not_waited_for(call):
    with pytest.raises(Unavailable) as refusal:
        call("sleep", seconds=60)

    assert refusal.value.code == "deadline_exceeded"
    assert call.caller.pending == {}


def test_a_service_nobody_knows_is_unavailable_at_once(call):
    with pytest.raises(Unavailable) as refusal:
        call("echo", neighbour="nobody", value=1)

    assert refusal.value.code == "service_unavailable"
    assert call.caller.pending == {}


def test_a_service_that_stopped_does_not_run_what_came_meanwhile(
    call, callee, container_factory
):
    callee.stop()
    with pytest.raises(Unavailable) as refusal:
        call("echo", value="stale")
    assert refusal.value.code == "deadline_exceeded"

    container_factory(callee.service_cls).start()

    assert call("echo", value="fresh") == "fresh"
    assert callee.service_cls.asked == ["fresh"]


def test_type_tags_arrive_as_the_plain_objects_they_are(call):
    tagged = {"__type__": "datetime", "__value__": "x"}

    assert call("echo", value=tagged) == tagged


def test_a_stock_nameko_client_is_understood(broker, callee):
    with ServiceRpcClient(callee.service_cls.name) as client:
        assert client.echo(value={"a": [1, "é", None]}) == {"a": [1, "é", None]}


def test_a_stock_nameko_service_is_understood(broker, container_factory):
    class Stock:
        name = f"test_{new_id()}"

        @stock_rpc
        def echo(self, value):
            return value

        @stock_rpc
        def fail(self):
            raise KeyError("no such thing")

    class Asking:
        name = f"test_{new_id()}"
        stock = ServiceRpc(Stock.name)

        @dummy
        def ask(self, method, kwargs):
            return getattr(self.stock, method)(**kwargs)

    with config.patch({"SERVICE_CONTAINER_CLS": None}):
        container_factory(Stock).start()
    container = container_factory(Asking)
    container.start()

    with entrypoint_hook(container, "ask") as ask:
        assert ask("echo", {"value": {"a": [1, "é", None]}}) == {"a": [1, "é", None]}
        with pytest.raises(RemoteError, match="no such thing"):
            ask("fail", {})


def test_a_call_has_what_is_left_of_its_callers_time(call):
    call.context = {"deadline": within(0.2)}
    started = time.monotonic()

    with pytest.raises(Unavailable) as refusal:
        call("sleep", seconds=60)

    assert refusal.value.code == "deadline_exceeded"
    assert time.monotonic() - started < DEADLINE


def test_a_call_without_time_left_is_not_made(call, callee):
    call.context = {"deadline": within(-1)}

    with pytest.raises(Unavailable) as refusal:
        call("echo", value="late")

    assert refusal.value.code == "deadline_exceeded"
    assert callee.service_cls.asked == []


def test_work_whose_caller_has_gone_is_not_begun(broker, callee):
    late = {"deadline": within(-1)}

    stock = ServiceRpcClient(callee.service_cls.name, late, timeout=1)
    with stock as client, pytest.raises(RpcTimeout):
        client.echo(value="late")

    assert callee.service_cls.asked == []


def test_a_lost_connection_ends_a_call_at_once_and_the_next_succeeds(call):
    with config.patch({"RPC_DEADLINE": 30}):
        waiting = eventlet.spawn(call, "sleep", seconds=60)
        eventually(lambda: len(call.caller.pending), 1)
        call.caller.line.writer.sock.shutdown(socket.SHUT_RDWR)

        with pytest.raises(Unavailable) as refusal:
            waiting.wait()

    assert refusal.value.code == "service_unavailable"
    assert call.caller.pending == {}
    eventually(lambda: call.caller.line.open, True)
    assert call("echo", value="again") == "again"


def test_work_whose_connection_is_lost_is_finished_and_not_done_again(call, callee):
    server = get_extension(callee, Server)
    with config.patch({"RPC_DEADLINE": 10}):
        waiting = eventlet.spawn(call, "work", seconds=1)
        eventually(lambda: callee.service_cls.asked, ["work"])
        server.line.writer.sock.shutdown(socket.SHUT_RDWR)

        assert waiting.wait() == "done"
    assert callee.service_cls.asked == ["work"]


def test_work_that_ends_while_the_connection_is_lost_is_answered_later(call, callee):
    server = get_extension(callee, Server)
    with config.patch({"RPC_DEADLINE": 10, "AMQP_URI": config["AMQP_URI"]}):
        waiting = eventlet.spawn(call, "work", seconds=0.5)
        eventually(lambda: callee.service_cls.asked, ["work"])
        good = config["AMQP_URI"]
        config["AMQP_URI"] = "amqp://127.0.0.1:1/"
        server.line.writer.sock.shutdown(socket.SHUT_RDWR)
        eventually(
            lambda: [r.payload is None for r in server.orphans.values()], [False]
        )
        config["AMQP_URI"] = good

        assert waiting.wait() == "done"
    assert callee.service_cls.asked == ["work"]


def test_a_deleted_queue_of_requests_is_made_again(broker, call, callee):
    with Connection(broker) as connection:
        connection.default_channel.queue_delete(f"rpc-{callee.service_cls.name}")

    eventually(lambda: answers(call), True)


def answers(call):
    try:
        return call("echo", value=True)
    except Unavailable:
        return False


def detoured(channel, key):
    """A queue that gives up at once what it gets, to whoever has ``key``."""
    detour = Queue(
        f"test_{new_id()}",
        durable=False,
        queue_arguments={
            "x-message-ttl": 0,
            "x-dead-letter-exchange": "nameko-rpc",
            "x-dead-letter-routing-key": key,
        },
        exclusive=True,
        channel=channel,
    )
    detour.declare()
    return {"exchange": "", "routing_key": detour.name}


def test_a_request_that_strayed_out_of_a_queue_is_not_taken(broker, call, callee):
    name = callee.service_cls.name
    request = {"body": b'{"args": [], "kwargs": {"value": 1}}', "reply_to": new_id()}
    with Connection(broker) as connection:
        detour = detoured(connection.default_channel, f"{name}.echo")
        connection.Producer().publish(**request, **detour, **JSON)
        eventually(lambda: waiting(connection, f"rpc-{name}"), 0)

        assert call("echo", value=2) == 2
    assert callee.service_cls.asked == [2]


def waiting(connection, queue):
    return connection.default_channel.queue_declare(queue, passive=True).message_count


def test_the_key_of_a_request_says_what_is_called_not_its_copies(broker, call, callee):
    name = callee.service_cls.name
    request = {"body": b'{"args": [], "kwargs": {"value": 1}}', "reply_to": new_id()}
    with Connection(broker) as connection:
        connection.Producer().publish(
            **request,
            **JSON,
            exchange="nameko-rpc",
            routing_key="test_elsewhere.echo",
            headers={"CC": [f"{name}.echo"]},
        )

    assert call("echo", value=2) == 2
    assert callee.service_cls.asked == [2]


FORGERIES = {
    "under the key of another": lambda key, name: key.replace(name, "test_other"),
    "under no key of ours": lambda key, name: key.rpartition(".")[2],
    "by way of another queue": lambda key, name: key,
}


@pytest.mark.parametrize("how", FORGERIES)
def test_a_forged_reply_is_not_heard(broker, call, callee, how):
    waiting = eventlet.spawn(call, "sleep", seconds=0.5)
    eventually(lambda: len(call.caller.pending), 1)
    [(key, correlation_id)] = call.caller.pending
    with Connection(broker) as connection:
        key = FORGERIES[how](key, callee.service_cls.name)
        route = {"exchange": "nameko-rpc", "routing_key": key}
        if how == "by way of another queue":
            route = detoured(connection.default_channel, key)
        connection.Producer().publish(
            {"result": "forged", "error": None}, **route, correlation_id=correlation_id
        )

        assert waiting.wait() is None


def test_a_read_that_found_nobody_is_tried_again(call, callee):
    with config.patch({"RPC_RETRIES": 1}):
        call("get_at_second_try")

    assert callee.service_cls.asked == ["again", "again"]


def test_what_may_change_something_is_tried_once(call, callee):
    with config.patch({"RPC_RETRIES": 1}), pytest.raises(Unavailable):
        call("put_at_second_try")

    assert callee.service_cls.asked == ["again"]


def test_a_target_in_trouble_is_left_alone(call):
    for _ in range(20):
        with pytest.raises(Unavailable):
            call("fail")

    with pytest.raises(Unavailable) as refusal:
        call("echo", value=1)

    assert refusal.value.code == "circuit_open"
