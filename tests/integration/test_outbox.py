"""What is saved is published: late perhaps, twice perhaps, never not at all."""

from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import ClassVar

import eventlet
import pytest
from kombu import Connection, Exchange, Queue
from kombu.exceptions import OperationalError
from nameko.standalone.events import event_dispatcher
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from common.ids import new_id
from common.outbox import Busy, publish_waiting, tell
from common.relay import Relay
from order_service.domain.order import Order
from order_service.storage.claims import Claim
from order_service.storage.models import OutboxRow
from tests.builders import NOON, an_order
from tests.client import eventually
from tests.scratch import PostgresOrders, scratch


@pytest.fixture
def engine(stack):
    with scratch(stack.environment("order_service")["ORDER_DB_URI"]) as engine:
        yield engine


@pytest.fixture
def confirmed(engine):
    """Three confirmed orders, in the order of their confirmation."""
    store, orders = PostgresOrders(engine), [an_order() for _ in range(3)]
    with store.transaction() as repository:
        for order in orders:
            repository.add(order, Claim(order.customer_id, new_id(), "f"), NOON)
            confirm(repository, order)
    return [order.id for order in orders]


def confirm(repository, order: Order):
    loaded = repository.get(order.id)
    loaded.confirm()
    repository.save(loaded, NOON)


def waiting(engine):
    with Session(engine) as session:
        rows = select(OutboxRow).where(OutboxRow.published_at.is_(None))
        return len(session.scalars(rows).all())


def relay(engine, publish):
    with Session(engine) as session, session.begin():
        return publish_waiting(session, OutboxRow, publish)


def test_events_are_published_in_the_order_they_were_saved(engine, confirmed):
    published = []

    assert relay(engine, lambda kind, body: published.append((kind, body))) == 3

    assert [kind for kind, _ in published] == ["order.confirmed"] * 3
    assert [body["data"]["order_id"] for _, body in published] == confirmed
    assert waiting(engine) == 0


def test_what_was_published_is_not_published_again(engine, confirmed):
    relay(engine, lambda kind, body: None)

    assert relay(engine, lambda kind, body: pytest.fail("twice")) == 0


def test_a_broker_that_fails_half_way_loses_nothing(engine, confirmed):
    published = []

    def failing(kind, body):
        if len(published) == 1:
            raise ConnectionError
        published.append(body["id"])

    with pytest.raises(ConnectionError):
        relay(engine, failing)
    assert waiting(engine) == 3

    again = []
    relay(engine, lambda kind, body: again.append(body["id"]))
    assert again[:1] == published
    assert waiting(engine) == 0


def test_one_relay_at_a_time_works_on_a_database(engine, confirmed):
    def publish(kind, body):
        with pytest.raises(Busy):
            relay(engine, lambda kind, body: pytest.fail("overtaken"))

    assert relay(engine, publish) == 3


def test_an_order_that_is_not_saved_is_not_announced(engine):
    store, order = PostgresOrders(engine), an_order()

    def crash():
        with store.transaction() as repository:
            repository.add(order, Claim(order.customer_id, new_id(), "f"), NOON)
            confirm(repository, order)
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        crash()

    assert waiting(engine) == 0


@dataclass(frozen=True)
class Turn:
    type: ClassVar[str] = "order.turned"

    number: int


class Turning:
    """Orders that turn often, and two relays at once that tell of it."""

    def __init__(self, engine, order_ids, publish):
        self.store, self.turns = PostgresOrders(engine), defaultdict(count)
        self.order_ids, sessions = order_ids, sessionmaker(engine)
        self.relays = [Relay(sessions, OutboxRow, publish) for _ in range(2)]

    def turn(self, number):
        order_id = self.order_ids[number % len(self.order_ids)]
        with self.store.transaction() as orders:
            # As every change does: what is told of an order is told in its lock.
            orders.get(order_id)
            turn = Turn(next(self.turns[order_id]))
            tell(orders.session, OutboxRow, turn, order_id, NOON, request_id=order_id)
        self.wake()

    def wake(self):
        for relay in self.relays:
            relay.wake()


def test_two_relays_at_once_keep_the_order_of_each_aggregate(engine, confirmed):
    relay(engine, lambda kind, body: None)
    heard, calls = defaultdict(list), count(1)

    def publish(kind, body):
        eventlet.sleep()
        heard[body["correlation_id"]].append(body["data"]["number"])
        if next(calls) in (7, 50, 90):
            raise ConnectionError

    turning = Turning(engine, confirmed, publish)
    running = [eventlet.spawn(each.run) for each in turning.relays]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(turning.turn, range(120)))
    eventually(lambda: turning.wake() or waiting(engine), 0)
    for each, run in zip(turning.relays, running, strict=True):
        each.stop()
        run.wait()

    for order_id in confirmed:
        # A batch that failed comes again from its start; new ones come in order.
        assert list(Counter(heard[order_id])) == list(range(40))


def test_what_the_broker_does_not_keep_is_not_published(engine, confirmed, broker):
    """The relay waits for the confirm, and a queue that is full gives none."""
    source = f"test_{new_id()}"
    events = Exchange(f"{source}.events", "topic", durable=True)
    full = {"x-max-length": 1, "x-overflow": "reject-publish"}
    dispatch = event_dispatcher()
    with Connection(broker) as connection:
        queue = Queue(source, events, "#", queue_arguments=full, auto_delete=True)
        queue(connection.default_channel).declare()

        with pytest.raises(OperationalError):
            relay(engine, lambda kind, body: dispatch(source, kind, body))

        assert waiting(engine) == 3
        queue(connection.default_channel).delete()
    relay(engine, lambda kind, body: dispatch(source, kind, body))
    assert waiting(engine) == 0
