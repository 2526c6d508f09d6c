"""A new key takes the place of the old one, row by row, and nothing is lost."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from common.ids import new_id
from common.json import dumps
from common.resealing import CLEAR, reseal
from common.sealing import Seal, Unopened
from ops import reseal as operator
from ops.errors import Problem
from ops.stack.secrets import fresh_key
from order_service.storage.claims import Claim
from order_service.storage.repository import OrderRepository
from order_service.storage.sealed import SEALED as ORDERS
from tests.builders import ADDRESS, NOON, a_profile, an_address, an_order
from tests.scratch import scratch
from user_service.domain.sign_up import claimed
from user_service.storage.addresses import AddressRepository
from user_service.storage.models import UserBase
from user_service.storage.profiles import ProfileRepository
from user_service.storage.sealed import SEALED as USERS

OLD, NEW = f"old:{fresh_key()}", f"new:{fresh_key()}"
ROWS = 7


@pytest.fixture
def users(stack):
    with scratch(stack.environment("user_service")["USER_DB_URI"], UserBase) as engine:
        yield engine


@pytest.fixture
def orders(stack):
    with scratch(stack.environment("order_service")["ORDER_DB_URI"]) as engine:
        yield engine


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr("common.resealing.BATCH", 3)


def counts(engine, column):
    with Session(engine) as session:
        return column.counts(session)


def reseal_all(engine, columns, keys, key_ids=("old", CLEAR)):
    for column in columns:
        reseal(engine, column, Seal(keys), key_ids)
    return [counts(engine, column) for column in columns]


def keep_addresses(engine, keys):
    """Each with the answer about it; whose they are."""
    user_ids = [new_id() for _ in range(ROWS)]
    with Session(engine) as session, session.begin():
        addresses = AddressRepository(session, Seal(keys))
        for user_id in user_ids:
            ProfileRepository(session).add(a_profile(id=user_id))
            book = addresses.get(user_id)
            book.add(an_address(line1=f"{user_id} Street"))
            addresses.save(book)
            addresses.answer(user_id, claimed("k", "f"), {"of": user_id}, NOON)
    return user_ids


def keep_orders(engine, keys):
    """Each with its answer; whose they are."""
    customer_ids = [new_id() for _ in range(ROWS)]
    with Session(engine) as session, session.begin():
        orders = OrderRepository(session, seal=Seal(keys))
        for customer_id in customer_ids:
            address = ADDRESS | {"line1": f"{customer_id} Street"}
            order = an_order(customer_id=customer_id, shipping_address=address)
            claim = Claim(customer_id, "k", "f")
            orders.add(order, claim, NOON)
            orders.answer(order.id, {"of": customer_id})
            orders.requests.keep(claim, order.id, {"about": customer_id}, NOON)
    return customer_ids


def test_addresses_go_under_the_new_key(users):
    user_ids = keep_addresses(users, OLD)

    left = reseal_all(users, USERS, f"{NEW},{OLD}")

    assert left == [{"new": ROWS}, {"new": ROWS}]
    with Session(users) as session:
        addresses = AddressRepository(session, Seal(NEW))
        for user_id in user_ids:
            [address] = addresses.of_user(user_id, 10, None)
            assert address.line1 == f"{user_id} Street"
            answer = addresses.answered(user_id, claimed("k", "f"))
            assert answer == {"of": user_id}


def test_orders_go_under_the_new_key(orders):
    customer_ids = keep_orders(orders, OLD)

    left = reseal_all(orders, ORDERS, f"{NEW},{OLD}")

    assert left == [{"new": ROWS}] * 3
    with Session(orders) as session:
        repository = OrderRepository(session, seal=Seal(NEW))
        for customer_id in customer_ids:
            [order] = repository.of_customer(customer_id, None, 10, None)
            assert order.shipping_address["line1"] == f"{customer_id} Street"
            claim = Claim(customer_id, "k", "f")
            assert repository.answered(claim) == {"of": customer_id}
            assert repository.requests.answered(claim) == {"about": customer_id}


def test_what_was_kept_in_the_clear_is_sealed(orders):
    customer_ids = keep_orders(orders, OLD)
    with orders.begin() as connection:
        clear = {"address": dumps(ADDRESS).decode(), "answer": '{"z": 1, "a": 2}'}
        connection.execute(text("UPDATE orders SET shipping_address = :address"), clear)
        connection.execute(text("UPDATE idempotency_keys SET answer = :answer"), clear)

    older = ORDERS[:2]
    assert [counts(orders, column) for column in older] == [{CLEAR: ROWS}] * 2
    assert reseal_all(orders, older, NEW, [CLEAR]) == [{"new": ROWS}] * 2

    with Session(orders) as session:
        repository = OrderRepository(session, seal=Seal(NEW))
        [order] = repository.of_customer(customer_ids[0], None, 10, None)
        assert order.shipping_address == ADDRESS
        answer = repository.answered(Claim(customer_ids[0], "k", "f"))
        assert list(answer.items()) == [("z", 1), ("a", 2)]


def test_of_who_was_erased_there_is_nothing_to_seal(orders):
    customer_ids = keep_orders(orders, OLD)
    with Session(orders) as session, session.begin():
        OrderRepository(session, seal=Seal(OLD)).forget(customer_ids[0], NOON)

    assert reseal_all(orders, ORDERS, f"{NEW},{OLD}") == [{"new": ROWS - 1}] * 3


def test_what_somebody_works_on_is_left_for_the_next_time(users):
    keep_addresses(users, OLD)
    busy = text("SELECT 1 FROM addresses ORDER BY id LIMIT 1 FOR UPDATE")

    with users.connect() as connection:
        connection.execute(busy)
        left = reseal_all(users, USERS, f"{NEW},{OLD}")

    assert left == [{"new": ROWS - 1, "old": 1}, {"new": ROWS}]
    assert reseal_all(users, USERS, f"{NEW},{OLD}") == [{"new": ROWS}] * 2


def test_nothing_is_sealed_over_what_does_not_open(users):
    keep_addresses(users, OLD)

    with pytest.raises(Unopened):
        reseal_all(users, USERS, f"{NEW},old:{fresh_key()}")

    assert counts(users, USERS[0]) == {"old": ROWS}


def test_the_operator_is_told_what_is_left(stack):
    done = stack.shopnow("reseal")

    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == (
        "everything is under k1; other keys may go once every process has k1 in front"
    )


@pytest.mark.parametrize("verb", ["reseal", "migrate"])
def test_the_operator_cannot_seal_what_the_shop_does_not_open(stack, verb):
    done = stack.shopnow(verb, FIELD_KEYS=f"{NEW},{stack.operator['FIELD_KEYS']}")

    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == (
        "Error: the shop that runs here does not know new; tell it first"
    )


def test_a_shop_does_not_start_without_a_key_that_it_needs(users, monkeypatch):
    keep_addresses(users, OLD)
    monkeypatch.setenv("FIELD_KEYS", NEW)
    for name in operator.PLACES:
        monkeypatch.setenv(name, "postgresql://elsewhere/shop")
    monkeypatch.setattr(operator, "each_column", lambda work: work(users, USERS[0]))

    with pytest.raises(Problem) as problem:
        operator.seal_clear()

    assert problem.value.message == (
        f"addresses.sealed: {ROWS} rows are under old, which is not in FIELD_KEYS"
    )
