"""RPC over the real broker: refusals cross it, and no call waits for ever."""

import eventlet
import pytest
from nameko.standalone.rpc import ServiceRpcClient
from nameko.testing.services import dummy, entrypoint_hook
from nameko.testing.utils import get_extension

from common.errors import Conflict, Unavailable
from common.ids import new_id
from common.outages import count_as_outage
from common.wire import Caller, ServiceRpc, rpc

DEADLINE = 1.0


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
        def refuse(self):
            raise Conflict("some_code", "In words", {"sku": "tea"})

        @rpc
        def fail(self):
            raise ServerAway("postgres://secret")

    container = container_factory(Callee)
    container.start()
    return container


@pytest.fixture
def call(broker, callee, container_factory):
    """``call("echo", value=1)`` through our client; ``call.pending`` awaits."""

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
        with entrypoint_hook(container, "ask") as hook:
            return hook(neighbour, method, kwargs)

    ask.pending = get_extension(container, Caller).pending
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
    assert call.pending == {}


def test_a_service_nobody_knows_is_unavailable_at_once(call):
    with pytest.raises(Unavailable) as refusal:
        call("echo", neighbour="nobody", value=1)

    assert refusal.value.code == "service_unavailable"
    assert call.pending == {}


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
