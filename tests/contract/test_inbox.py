"""One suite, every door: an event takes effect once, with its note or not at all."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from common.ids import new_id
from common.inbox import LIFE, Heard, at_least_once, once
from order_service.storage.models import InboxRow, OrderBase
from tests.builders import NOON
from tests.fakes import FakeOrders, FakeProfiles
from tests.scratch import PostgresAccounts, PostgresOrders, PostgresProfiles, scratch
from user_service.storage.models import AuthBase, UserBase

STORES = {
    "auth": ("auth_service", "AUTH_DB_URI", AuthBase, PostgresAccounts),
    "users": ("user_service", "USER_DB_URI", UserBase, PostgresProfiles),
    "orders": ("order_service", "ORDER_DB_URI", OrderBase, PostgresOrders),
}
FAKES = {"fake orders": FakeOrders, "fake users": FakeProfiles}


@pytest.fixture(params=[*STORES, *FAKES])
def store(request):
    if request.param in FAKES:
        yield FAKES[request.param]()
        return
    service, name, base, door = STORES[request.param]
    stack = request.getfixturevalue("stack")
    with scratch(stack.environment(service)[name], base) as engine:
        yield door(engine)


@pytest.fixture
def heard():
    return Heard("on_thing_happened", new_id(), NOON)


def test_an_event_takes_effect_once(store, heard):
    effects = []

    for _ in range(3):
        once(store, heard, effects.append)

    assert len(effects) == 1


def test_each_consumer_takes_it_for_itself(store, heard):
    effects = []

    once(store, heard, effects.append)
    once(store, replace(heard, consumer="on_another_thing"), effects.append)

    assert len(effects) == 2


def test_what_is_outside_is_not_done_again_once_it_is_noted(store, heard):
    effects = []

    for _ in range(3):
        at_least_once(store, heard, lambda: effects.append(1))

    assert effects == [1]


def test_what_is_outside_is_done_again_when_it_failed(store, heard):
    def fail():
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        at_least_once(store, heard, fail)

    done = []
    at_least_once(store, heard, lambda: done.append(1))
    assert done == [1]


def test_old_notes_are_forgotten(store, heard):
    once(store, heard, lambda repository: None)
    newer = replace(heard, event_id=new_id(), at=NOON + timedelta(seconds=1))
    once(store, newer, lambda repository: None)

    with store.transaction() as repository:
        repository.inbox.forget(NOON + timedelta(seconds=1))
        assert not repository.inbox.knows(heard)
        assert repository.inbox.knows(newer)


def test_notes_outlast_what_the_broker_may_deliver_again():
    assert timedelta(days=7) <= LIFE


@pytest.fixture
def orders(stack):
    with scratch(stack.environment("order_service")["ORDER_DB_URI"]) as engine:
        yield PostgresOrders(engine)


def test_an_effect_that_fails_is_not_noted(orders, heard):
    def fail(repository):
        raise ConnectionResetError

    with suppress(ConnectionResetError):
        once(orders, heard, fail)

    effects = []
    once(orders, heard, effects.append)
    assert len(effects) == 1


def test_a_note_and_its_effect_are_one_transaction(orders, heard):
    """Nobody sees the one without the other."""
    seen = []

    def look(repository):
        with Session(orders.engine) as another:
            row = another.get(InboxRow, (heard.consumer, heard.event_id))
            seen.append(row)

    once(orders, heard, look)

    assert seen == [None]


def test_many_who_hear_it_at_once_do_it_once(orders, heard):
    effects = []

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: once(orders, heard, effects.append), range(16)))

    assert len(effects) == 1
