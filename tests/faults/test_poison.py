"""What nobody can handle harms nobody, and does not go round for ever."""

from contextlib import suppress
from uuid import uuid4

import pytest

from ops.http import call
from tests.faults.rig import on_both, until
from tests.integration.test_events import dead_letters

JSON = {"content_type": "application/json", "content_encoding": "utf-8"}
MOST_DELIVERIES = 25
# Well-formed, as those of Nameko's callers; nobody listens at the one, and
# whoever replies to the other has their channel closed.
NOBODY, FORBIDDEN = str(uuid4()), str(uuid4())
ADDRESSED = {"reply_to": NOBODY, "correlation_id": "1"}
CALL = b'{"args": [], "kwargs": {"value": 1}}'

POISONS = {
    "no reply_to": JSON | {"body": CALL},
    "an empty reply_to": JSON | {"body": CALL, "reply_to": ""},
    "an ill-formed reply_to": JSON | {"body": CALL, "reply_to": "é\n#.*" * 20},
    "a reply_to without a route": JSON | ADDRESSED | {"body": CALL},
    "a reply_to that the broker refuses": JSON | {"body": CALL, "reply_to": FORBIDDEN},
    "a direct reply_to of nobody": JSON
    | {"body": CALL, "reply_to": "amq.rabbitmq.reply-to.g1h2.nobody"},
    "a reply_to that is no key": JSON | {"body": CALL, "reply_to": "nobody"},
    "no correlation_id": JSON | {"body": CALL, "reply_to": NOBODY},
    "an undecodable body": JSON | ADDRESSED | {"body": b"{not json"},
    "bytes that are no text": JSON | ADDRESSED | {"body": b"\xff\xfe\x00"},
    "an empty body": JSON | ADDRESSED | {"body": b""},
    "a wrong content type": ADDRESSED
    | {
        "body": CALL,
        "content_type": "application/x-python-serialize",
        "content_encoding": "binary",
    },
    "an unheard-of content type": ADDRESSED
    | {"body": CALL, "content_type": "x/y", "content_encoding": "no-such"},
    "no args": JSON | ADDRESSED | {"body": b"{}"},
    "args of a wrong shape": JSON | ADDRESSED | {"body": b'{"args":3,"kwargs":[]}'},
    "a body that is a list": JSON | ADDRESSED | {"body": b"[1, 2]"},
    "a body that is null": JSON | ADDRESSED | {"body": b"null"},
    "too deep a body": JSON | ADDRESSED | {"body": b"[" * 50_000 + b"]" * 50_000},
    "a body of a megabyte": JSON
    | ADDRESSED
    | {"body": b'{"args": [], "kwargs": {"value": "%s"}}' % (b"x" * 1_000_000)},
    "a wrong deadline": JSON
    | ADDRESSED
    | {"body": CALL, "headers": {"nameko.deadline": "soon"}},
    "a correlation_id that is no text": JSON
    | {"body": CALL, "reply_to": NOBODY, "correlation_id": b"\xff" * 255},
    "headers of all kinds": JSON
    | ADDRESSED
    | {"body": CALL, "headers": {"nameko.call_id_stack": 3, "x": {"y": [1, None]}}},
}


@pytest.fixture
def limited(stack, rig):
    """The broker's URI for somebody who may not reply to everybody."""
    name, password = f"{rig.name}", "secret"
    management = stack.plan.all_servers.rabbitmq.admin_uri
    all_of_it = {"configure": ".*", "write": ".*", "read": ".*"}
    topics = {"exchange": "nameko-rpc", "write": f"^(?!{FORBIDDEN})", "read": ".*"}
    user = f"{management}/api/users/{name}"
    call("PUT", user, {"password": password, "tags": ""})
    call("PUT", f"{management}/api/permissions/shopnow/{name}", all_of_it)
    call("PUT", f"{management}/api/topic-permissions/shopnow/{name}", topics)
    yield f"amqp://{name}:{password}@{rig.broker.rpartition('@')[2]}"
    call("DELETE", user)


@on_both("a message without reply_to ends one process after the other")
def test_no_message_ends_a_process(rig, limited):
    processes = rig.start("Callee", "Callee", broker=limited)
    casualties = []

    for name, poison in POISONS.items():
        for method in ("echo", "no_such_method"):
            rig.publish(
                **poison,
                exchange="nameko-rpc",
                routing_key=f"{rig.name}_callee.{method}",
            )
        # The two share the queue: both have something to do with it.
        if not answers_twice(rig) or not all(each.alive for each in processes):
            casualties.append(name)
            break

    assert casualties == []
    for process in processes:
        process.terminate()
    for process in processes:
        process.must_exit_cleanly(5)
    assert rig.waiting(rig.rpc_queue) == 0


def answers_twice(rig):
    with suppress(AssertionError):
        return all(rig.call("echo", value=n) == n for n in range(2))
    return False


@on_both(
    "an event is lost with the first failure, or handled again without a pause",
    "stock_requeue",
)
def test_an_event_nobody_can_handle_ends_in_the_dead_letters(rig):
    rig.start("Callee")
    found = []

    def seen():
        found.extend(dead_letters(rig.broker, rig.name))
        return found

    rig.announce("trouble.wanted", key="job")
    until(seen, 6, "a dead letter")

    assert found == [{"key": "job"}]
    assert 1 < rig.count("start")["job"] <= MOST_DELIVERIES
    assert rig.waiting(rig.queues[-1]) == 0
