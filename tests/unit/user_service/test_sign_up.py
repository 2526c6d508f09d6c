"""Signing up leaves an account with a person, or nothing."""

from contextlib import contextmanager
from unittest.mock import create_autospec

import pytest
from nameko.testing.services import worker_factory

from common.errors import Conflict, Unavailable
from tests.fakes import FakeClock, away
from user_service.domain import errors
from user_service.service import AuthService, UserService

USER = {
    "email": "ada@example.com",
    "password": "correct horse",
    "full_name": "Ada Example",
}


class FakeProfiles:
    def __init__(self):
        self.profiles = {}

    @contextmanager
    def transaction(self):
        yield self

    def add(self, profile):
        self.profiles[profile.id] = profile

    def remove(self, profile_id):
        self.profiles.pop(profile_id, None)


@pytest.fixture
def profiles():
    return FakeProfiles()


@pytest.fixture
def auth():
    return create_autospec(AuthService, instance=True)


@pytest.fixture
def users(profiles, auth):
    return worker_factory(UserService, store=profiles, auth=auth, clock=FakeClock())


def test_a_person_has_an_account_of_the_same_identity(users, profiles, auth):
    user = users.register_user(USER)

    assert list(profiles.profiles) == [user["id"]]
    assert auth.create_account.call_args.kwargs["user_id"] == user["id"]
    assert "password" not in user


def test_an_address_that_is_taken_leaves_no_profile(users, profiles, auth):
    auth.create_account.side_effect = errors.email_taken()

    with pytest.raises(Conflict):
        users.register_user(USER)

    assert profiles.profiles == {}


def test_an_account_that_may_exist_keeps_its_profile(users, profiles, auth):
    auth.create_account.side_effect = away()

    with pytest.raises(Unavailable):
        users.register_user(USER)

    assert len(profiles.profiles) == 1
