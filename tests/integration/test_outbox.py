"""What is saved is published: late perhaps, twice perhaps, never not at all."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from common.ids import new_id
from common.outbox import Busy, publish_waiting
from order_service.domain.order import Order
from order_service.storage.claims import Claim
from order_service.storage.models import OutboxRow
from tests.builders import NOON, an_order
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
