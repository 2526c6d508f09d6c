"""Signing up over two databases: a crash in between is made good under the key."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace

import pytest
from nameko.testing.services import worker_factory

from common.errors import Conflict
from common.ids import new_id
from tests.fakes import FakeClock
from tests.scratch import PostgresAccounts, PostgresProfiles, scratch
from user_service.auth import AuthService
from user_service.domain.sign_up import GIVEN_UP, LEASE
from user_service.service import UserService
from user_service.storage.models import AuthBase, UserBase


class Crash(BaseException):
    """The process ends here; nothing after it is run."""


class PlainPasswords:
    def hash(self, password):
        return f"hash of {password}"


@pytest.fixture(scope="module")
def accounts(stack):
    uri = stack.environment("auth_service")["AUTH_DB_URI"]
    with scratch(uri, AuthBase) as engine:
        yield PostgresAccounts(engine)


@pytest.fixture(scope="module")
def profiles(stack):
    uri = stack.environment("user_service")["USER_DB_URI"]
    with scratch(uri, UserBase) as engine:
        yield PostgresProfiles(engine)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def auth(accounts, clock):
    service = worker_factory(
        AuthService, store=accounts, passwords=PlainPasswords(), clock=clock
    )
    return SimpleNamespace(
        create_account=service.create_account, has_account=service.has_account
    )


@pytest.fixture
def users(profiles, auth, clock):
    return worker_factory(UserService, store=profiles, auth=auth, clock=clock)


@pytest.fixture
def user():
    return {
        "email": f"{new_id()}@example.com",
        "password": "correct horse",
        "full_name": "Ada Example",
    }


def account_of(accounts, user):
    with accounts.transaction() as door:
        return door.find_by_email(user["email"])


def crash_before(call):
    def crash(**_):
        raise Crash

    return crash


def crash_after(call):
    def crash(**words):
        call(**words)
        raise Crash

    return crash


def crashed(users, crash, user, key):
    """A sign-up that ends where ``crash`` says."""
    whole = users.auth.create_account
    users.auth.create_account = crash(whole)
    with pytest.raises(Crash):
        users.register_user(user, key, "f")
    users.auth.create_account = whole


@pytest.mark.parametrize("crash", [crash_before, crash_after])
def test_who_repeats_a_crashed_request_has_one_account(users, accounts, user, crash):
    key = new_id()
    crashed(users, crash, user, key)

    with pytest.raises(Conflict) as refusal:
        users.register_user(user, key, "f")
    users.clock.moment += LEASE
    made = users.register_user(user, key, "f")
    again = users.register_user(user, key, "f")

    assert refusal.value.code == "request_in_progress"
    assert made["user"]["id"] == account_of(accounts, user).id
    assert again == {"user": made["user"], "replayed": True}


def test_an_address_taken_in_between_is_refused_and_forgotten(users, accounts, user):
    key = new_id()
    crashed(users, crash_before, user, key)
    other = users.register_user(user)["user"]
    users.clock.moment += LEASE

    with pytest.raises(Conflict) as refusal:
        users.register_user(user, key, "f")

    assert refusal.value.code == "email_taken"
    assert account_of(accounts, user).id == other["id"]


def settled_by_many(users):
    """What is told when several processes settle what was left."""
    users.clock.moment += GIVEN_UP + LEASE + timedelta(seconds=1)
    told = len(users.store.events)
    with ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(users.settle_sign_ups) for _ in range(5)]:
            done.result()
    return [event.type for event in users.store.events[told:]]


def test_what_nobody_repeats_is_forgotten_once(users, accounts, user):
    crashed(users, crash_before, user, new_id())

    assert settled_by_many(users) == ["user.erased"]
    assert account_of(accounts, user) is None
    assert users.register_user(user)["user"]["email"] == user["email"]


def test_who_had_an_account_when_it_crashed_is_welcome_once(users, accounts, user):
    key = new_id()
    crashed(users, crash_after, user, key)

    assert settled_by_many(users) == ["user.registered"]
    again = users.register_user(user, key, "f")
    assert again["replayed"]
    assert again["user"]["id"] == account_of(accounts, user).id


def test_many_at_once_have_one_account(users, accounts, user):
    key = new_id()

    def sign_up(_):
        with suppress(Conflict):
            return users.register_user(user, key, "f")["user"]["id"]

    with ThreadPoolExecutor(10) as pool:
        ids = set(pool.map(sign_up, range(50))) - {None}

    assert ids == {account_of(accounts, user).id}
