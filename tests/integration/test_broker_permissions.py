"""Every service's user tries everything on the broker, and may do only its own.

What is expected is not read off the definitions, but off the words of the code:
a service may call a method when it says ``neighbour.method`` somewhere.
"""

import re
from contextlib import suppress
from functools import cache
from itertools import product
from uuid import uuid4

import amqp
import pytest
from amqp.exceptions import AccessRefused
from kombu.utils.url import parse_url

from common.dead_letters import DEAD_LETTERS
from ops.broker.parts import parts
from ops.stack.services import SERVICES
from ops.stack.settings import ROOT

PARTS = {part.name: part for part in parts()}
NAMES = sorted(PARTS)
TARGETS = {service.name: service.target.partition(":")[0] for service in SERVICES}
EVENTS = sorted((part.name, event) for part in PARTS.values() for event in part.events)
# What each is called by those who call it; nobody calls the gateway.
CALLED = {
    "auth_service": "auth",
    "user_service": "users",
    "product_service": "products",
    "order_service": "orders",
    "gateway": "gateway",
}
RPC = "nameko-rpc"
EXCHANGES = [RPC, DEAD_LETTERS, *sorted({f"{name}.events" for name, _ in EVENTS})]


class User:
    """A connection of one user; a refusal costs it a channel, not the connection."""

    def __init__(self, uri):
        address = parse_url(uri)
        self.connection = amqp.Connection(
            host=f"{address['hostname']}:{address['port']}",
            userid=address["userid"],
            password=address["password"],
            virtual_host=address["virtual_host"],
            confirm_publish=True,
        )
        self.connection.connect()

    def may(self, act):
        """Whether the broker lets us; another trouble than a refusal is raised."""
        channel = self.connection.channel()
        try:
            act(channel)
        except AccessRefused:
            return False
        finally:
            with suppress(amqp.AMQPError):
                channel.close()
        return True

    def may_send(self, exchange, key):
        # Without a key to reply to, no request is taken.
        return self.may(
            lambda channel: channel.basic_publish(amqp.Message(b"{}"), exchange, key)
        )

    def may_bind(self, queue, exchange, key):
        return self.may(lambda channel: channel.queue_bind(queue, exchange, key))

    def inbox(self, name):
        """A queue for replies, as the user's service has one, and its address."""
        address = str(uuid4())
        queue = f"rpc.reply-{name}-{address}"
        self.connection.channel().queue_declare(queue, exclusive=True, auto_delete=True)
        return queue, address


@pytest.fixture(scope="module")
def users(stack):
    found = {name: User(stack.environment(name)["AMQP_URI"]) for name in NAMES}
    yield found
    for user in found.values():
        user.connection.close()


@pytest.fixture(scope="module")
def inboxes(users):
    return {name: users[name].inbox(name) for name in NAMES}


@cache
def text_of(name):
    """What the service says, in its own module and in all that this leads to."""
    found, ahead = {}, [TARGETS[name]]
    while ahead:
        module = ahead.pop()
        file = (ROOT / module.replace(".", "/")).with_suffix(".py")
        if module not in found and file.exists():
            found[module] = file.read_text()
            ahead += re.findall(r"^from ([\w.]+) import", found[module], re.MULTILINE)
    return "\n".join(found.values())


def must_be_as_expected(cells):
    """Tell of all that are not, at once."""
    wrong = [
        f"{' '.join(where)}: {'allowed' if found else 'refused'}"
        for where, found, expected in cells
        if found != expected
    ]
    assert not wrong, "\n".join(wrong)


def test_a_user_calls_what_its_code_calls(users):
    cells = []
    for user, target in product(NAMES, NAMES):
        for method in [*sorted(PARTS[target].methods), "no_such_method"]:
            says = re.search(rf"\b{CALLED[target]}\.{method}\b", text_of(user))
            allowed = users[user].may_send(RPC, f"{target}.{method}")
            cells.append(((user, target, method), allowed, bool(says)))

    must_be_as_expected(cells)


def test_a_user_replies_only_for_itself(users, inboxes):
    cells = []
    for user, callee, caller in product(NAMES, NAMES, NAMES):
        key = f"reply.{caller}.{callee}.{inboxes[caller][1]}"
        expected = user == callee and bool(PARTS[user].methods)
        cells.append(((user, key), users[user].may_send(RPC, key), expected))

    must_be_as_expected(cells)


def test_a_user_tells_its_own_events_and_no_others(users):
    told = [*EVENTS, *((name, "forged.event") for name, _ in EVENTS)]
    cells = [
        (
            (user, source, event),
            users[user].may_send(f"{source}.events", event),
            user == source and (source, event) in EVENTS,
        )
        for user, (source, event) in product(NAMES, told)
    ]

    must_be_as_expected(cells)


@pytest.mark.parametrize("exchange", ["", "amq.topic", "amq.direct", DEAD_LETTERS])
@pytest.mark.parametrize("key", ["", "rpc-auth_service", "dead-letters"])
def test_nobody_goes_round_the_exchanges_that_are_watched(users, exchange, key):
    assert [name for name in NAMES if users[name].may_send(exchange, key)] == []


def test_a_user_puts_aside_what_is_in_its_own_queues(users):
    cells = [
        (
            (user, handler.queue),
            users[user].may_send(DEAD_LETTERS, handler.queue.replace("\\", "")),
            user == owner,
        )
        for user, owner in product(NAMES, NAMES)
        for handler in PARTS[owner].handlers
        if handler.is_durable
    ]

    must_be_as_expected(cells)


def test_a_user_listens_to_its_own_calls_and_to_nobody_elses(users, inboxes):
    address = str(uuid4())
    keys = ["#", "*", "*.*", "reply.#", "reply.*.*.*", address, "amq.gen"]
    keys += [f"{name}.*" for name in NAMES]
    keys += [f"{name}.{m}" for name in NAMES for m in PARTS[name].methods]
    keys += [f"reply.{name}.*.{inboxes[name][1]}" for name in NAMES]
    keys += [f"reply.{name}.auth_service.{inboxes[name][1]}" for name in NAMES]
    cells = []
    for user, key in product(NAMES, keys):
        own = {f"reply.{user}.*.{inboxes[user][1]}"}
        own |= {f"{user}.*"} if PARTS[user].methods else set()
        allowed = users[user].may_bind(inboxes[user][0], RPC, key)
        cells.append(((user, key), allowed, key in own))

    must_be_as_expected(cells)


def test_a_user_hears_the_events_that_its_code_handles(users, inboxes):
    cells = []
    for user, exchange in product(NAMES, EXCHANGES[1:]):
        for event in ["#", "*.*", *sorted({event for _, event in EVENTS})]:
            source = exchange.removesuffix(".events")
            handles = rf'_handler\(\s*"{source}",\s*"{re.escape(event)}"'
            expected = bool(re.search(handles, text_of(user)))
            allowed = users[user].may_bind(inboxes[user][0], exchange, event)
            cells.append(((user, exchange, event), allowed, expected))

    must_be_as_expected(cells)


def queues_of(name, inboxes):
    """Of a service: that of its requests, those of its events, one of its replies."""
    requests = [f"rpc-{name}"] if PARTS[name].methods else []
    events = [h.queue.replace("\\", "") for h in PARTS[name].handlers if h.is_durable]
    return [*requests, *events, inboxes[name][0]]


ACTS = {
    "consume": lambda channel, queue: channel.basic_consume(queue),
    "get": lambda channel, queue: channel.basic_get(queue),
    "purge": lambda channel, queue: channel.queue_purge(queue),
    "delete": lambda channel, queue: channel.queue_delete(queue),
    "declare": lambda channel, queue: channel.queue_declare(queue, durable=True),
    "bind": lambda channel, queue: channel.queue_bind(queue, RPC, "a.b"),
    "unbind": lambda channel, queue: channel.queue_unbind(queue, RPC, "a.b"),
}


def test_nobody_touches_anothers_queue(users, inboxes):
    queues = {name: queues_of(name, inboxes) for name in NAMES}
    queues["nobody"] = ["dead-letters", "evil", f"rpc.reply-nobody-{uuid4()}"]
    cells = [
        (
            (user, act, queue),
            users[user].may(lambda c, a=act, q=queue: ACTS[a](c, q)),
            False,
        )
        for user, owner, act in product(NAMES, queues, ACTS)
        if user != owner
        for queue in queues[owner]
    ]

    must_be_as_expected(cells)


def test_nobody_lays_out_an_exchange(users):
    acts = {
        "declare": lambda c, name: c.exchange_declare(
            name, "topic", durable=True, auto_delete=False
        ),
        "delete": lambda c, name: c.exchange_delete(name),
        "detour": lambda c, name: c.exchange_bind(name, "amq.topic", "#"),
    }
    cells = [
        (
            (user, act, name),
            users[user].may(lambda c, a=act, n=name: acts[a](c, n)),
            False,
        )
        for user, act, name in product(NAMES, acts, [*EXCHANGES, "evil"])
    ]

    must_be_as_expected(cells)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("act", ["get", "purge", "delete"])
def test_a_service_works_with_its_own_queue(users, name, act):
    queue, _ = users[name].inbox(name)

    assert users[name].may(lambda channel: ACTS[act](channel, queue))
