"""Events over the real broker: none is lost, and none goes round for ever."""

from eventlet.event import Event
from kombu import Connection
from nameko import config
from nameko.standalone.events import event_dispatcher
from nameko.standalone.rpc import ServiceRpcClient

from common import json
from common.events import TRIES, event_handler
from common.ids import new_id
from common.wire import rpc
from tests.client import eventually


def listener(source, outcomes, heard):
    class Listener:
        name = f"test_{new_id()}"

        @event_handler(source, "thing.happened")
        def on_thing_happened(self, event):
            heard.append(event)
            if outcomes and outcomes.pop(0):
                raise ValueError("not now")

    return Listener


def dead_letters(broker, source):
    """What lies in the dead letters of ``source``, taken out."""
    found = []
    with Connection(broker) as connection:
        channel = connection.default_channel
        while message := channel.basic_get("dead-letters"):
            if source in message.delivery_info["routing_key"]:
                found.append(json.loads(message.body))
                channel.basic_ack(message.delivery_tag)
    return found


def test_a_handler_that_fails_once_hears_it_again(broker, container_factory):
    source, heard = f"test_{new_id()}", []
    container_factory(listener(source, [True], heard)).start()

    event_dispatcher()(source, "thing.happened", {"n": 1})

    eventually(lambda: len(heard), 2)


def test_what_nobody_can_handle_goes_to_the_dead_letters(broker, container_factory):
    source, heard = f"test_{new_id()}", []
    container_factory(listener(source, [True] * 100, heard)).start()

    event_dispatcher()(source, "thing.happened", {"n": 1})

    found = []
    eventually(
        lambda: found.extend(dead_letters(broker, source)) or found, [{"n": 1}], 30
    )
    assert len(heard) == TRIES


def test_an_event_waits_for_a_service_that_is_away(broker, container_factory):
    source, heard = f"test_{new_id()}", []
    service = listener(source, [], heard)
    container = container_factory(service)
    container.start()
    container.stop()

    event_dispatcher()(source, "thing.happened", {"n": 1})
    assert heard == []
    container_factory(service).start()

    eventually(lambda: heard, [{"n": 1}])


def test_an_event_survives_processes_that_die_with_it(broker, container_factory):
    source, heard = f"test_{new_id()}", []
    service = listener(source, [], heard)
    container = container_factory(service)
    container.start()
    container.stop()
    event_dispatcher()(source, "thing.happened", {"n": 1})

    for _ in range(6):
        drop_unacknowledged(broker, f"evt-{source}-thing.happened--{service.name}")
    container_factory(service).start()

    eventually(lambda: heard, [{"n": 1}])


def drop_unacknowledged(broker, queue):
    """Take a message and be gone: what the broker sees of a process that was killed."""
    with Connection(broker) as connection:
        taken = connection.default_channel.basic_get(f"{queue}.on_thing_happened")
        assert taken, "the event is not there"


def test_events_leave_the_calls_their_workers(broker, container_factory):
    source, busy = f"test_{new_id()}", []

    class Busy:
        name = f"test_{new_id()}"

        @event_handler(source, "thing.happened")
        def on_thing_happened(self, event):
            busy.append(event)
            Event().wait()

        @rpc
        def echo(self, value):
            return value

    with config.patch({"EVENT_WORKERS": 2, "RPC_WORKERS": 2, "max_workers": 1}):
        container_factory(Busy).start()
        for number in range(10):
            event_dispatcher()(source, "thing.happened", {"n": number})
        eventually(lambda: len(busy), 2)

        with ServiceRpcClient(Busy.name, timeout=5) as client:
            assert client.echo(value=1) == 1
    assert len(busy) == 2
