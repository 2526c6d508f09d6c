"""Signing up leaves an account with a person, or nothing; once per key."""

from datetime import timedelta
from unittest.mock import create_autospec

import pytest
from nameko.testing.services import worker_factory

from common.errors import Conflict, Invalid, NotFound, Unavailable
from common.idempotency import LIFE
from tests.fakes import FakeClock, FakePerson, FakeProfiles, away
from user_service.auth import AuthService
from user_service.domain import errors
from user_service.domain.events import UserErased, UserRegistered
from user_service.domain.sign_up import GIVEN_UP, LEASE
from user_service.service import UserService

USER = {
    "email": "ada@example.com",
    "password": "correct horse",
    "full_name": "Ada Example",
}


class Crash(BaseException):
    """The process ends here; nothing after it is run."""


@pytest.fixture
def profiles():
    return FakeProfiles()


@pytest.fixture
def auth():
    return create_autospec(AuthService, instance=True)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def users(profiles, auth, clock):
    return worker_factory(UserService, store=profiles, auth=auth, clock=clock)


def test_a_person_has_an_account_of_the_same_identity(users, profiles, auth):
    user = users.register_user(USER)["user"]

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


def test_without_a_key_nothing_is_remembered(users, profiles):
    users.register_user(USER)

    assert profiles.keys == {}


class TestLeft:
    """What becomes of a sign-up that stopped between its profile and its account."""

    @pytest.fixture
    def left(self, users, profiles, auth, clock):
        """The id of one that nobody is at any more."""
        auth.create_account.side_effect = away()
        with pytest.raises(Unavailable):
            users.register_user(USER, "k1", "f1")
        auth.create_account.side_effect = None
        clock.moment += GIVEN_UP + timedelta(seconds=1)
        (user_id,) = profiles.profiles
        return user_id

    def test_it_is_nobody_for_an_admin(self, users, left):
        users.identity = FakePerson("admin")

        assert users.list_users({})["items"] == []
        with pytest.raises(NotFound):
            users.get_any_user(left)

    def test_without_an_account_it_goes_with_its_key(self, users, profiles, auth, left):
        auth.has_account.return_value = False

        users.settle_sign_ups()

        auth.has_account.assert_called_once_with(user_id=left)
        assert (profiles.profiles, profiles.keys) == ({}, {})
        assert profiles.events == [UserErased(left)]

    def test_with_an_account_it_is_a_person_and_welcome_once(
        self, users, profiles, auth, left
    ):
        auth.has_account.return_value = True
        users.identity = FakePerson("admin")

        users.settle_sign_ups()
        users.settle_sign_ups()
        again = users.register_user(USER, "k1", "f1")

        assert (again["user"]["id"], again["replayed"]) == (left, True)
        assert users.list_users({})["items"] == [again["user"]]
        assert profiles.events == [UserRegistered(left)]

    def test_as_long_as_nobody_can_say_it_stays(self, users, profiles, auth, left):
        auth.has_account.side_effect = away()

        with pytest.raises(Unavailable):
            users.settle_sign_ups()

        assert list(profiles.profiles) == [left]

    def test_while_somebody_tries_it_again_it_stays(self, users, profiles, auth, left):
        def settled(**_):
            users.settle_sign_ups()

        auth.has_account.return_value = False
        auth.create_account.side_effect = settled

        assert users.register_user(USER, "k1", "f1")["user"]["id"] == left
        assert profiles.events == [UserRegistered(left)]

    def test_who_tries_it_again_while_it_is_looked_at_is_not_erased(
        self, users, profiles, auth, left
    ):
        def taken_up(**_):
            users.register_user(USER, "k1", "f1")
            return False

        auth.has_account.side_effect = taken_up

        users.settle_sign_ups()

        assert profiles.events == [UserRegistered(left)]

    def test_one_under_way_is_left_alone(self, users, profiles, auth, clock):
        auth.create_account.side_effect = Crash
        with pytest.raises(Crash):
            users.register_user(USER)
        clock.moment += GIVEN_UP

        users.settle_sign_ups()

        auth.has_account.assert_not_called()
        assert len(profiles.profiles) == 1


class TestKeys:
    def test_the_same_request_has_the_same_answer(self, users, auth):
        first = users.register_user(USER, "k1", "f1")
        again = users.register_user(USER, "k1", "f1")

        assert first["replayed"] is False
        assert again == {"user": first["user"], "replayed": True}
        auth.create_account.assert_called_once()

    def test_another_request_is_refused(self, users):
        users.register_user(USER, "k1", "f1")

        with pytest.raises(Invalid) as refusal:
            users.register_user(USER, "k1", "f2")

        assert refusal.value.code == "idempotency_key_reused"

    def test_neither_the_key_nor_the_password_is_kept(self, users, profiles):
        users.register_user(USER, "a-key-of-mine", "f1")

        assert "a-key-of-mine" not in repr(profiles.keys)
        assert USER["password"] not in repr(vars(profiles))

    def test_a_refusal_keeps_no_key(self, users, profiles, auth):
        auth.create_account.side_effect = errors.email_taken()
        with pytest.raises(Conflict):
            users.register_user(USER, "k1", "f1")

        auth.create_account.side_effect = None

        assert users.register_user(USER, "k1", "f2")["replayed"] is False
        assert len(profiles.profiles) == 1

    def test_what_was_away_is_tried_again_at_once_for_the_same_person(
        self, users, profiles, auth
    ):
        auth.create_account.side_effect = away()
        with pytest.raises(Unavailable):
            users.register_user(USER, "k1", "f1")
        auth.create_account.side_effect = None

        user = users.register_user(USER, "k1", "f1")["user"]

        assert list(profiles.profiles) == [user["id"]]
        asked = [call.kwargs["user_id"] for call in auth.create_account.call_args_list]
        assert asked == [user["id"]] * 2

    def test_a_crash_is_no_answer(self, users, auth, clock):
        auth.create_account.side_effect = Crash
        with pytest.raises(Crash):
            users.register_user(USER, "k1", "f1")
        auth.create_account.side_effect = None

        with pytest.raises(Conflict) as refusal:
            users.register_user(USER, "k1", "f1")
        clock.moment += LEASE
        resumed = users.register_user(USER, "k1", "f1")

        assert refusal.value.code == "request_in_progress"
        assert resumed["replayed"] is False
        asked = [call.kwargs["user_id"] for call in auth.create_account.call_args_list]
        assert asked == [resumed["user"]["id"]] * 2

    def test_a_key_is_kept_a_day_and_no_longer(self, users, profiles, clock):
        users.register_user(USER, "k1", "f1")

        clock.moment += LIFE
        users.prune_keys()
        assert len(profiles.keys) == 1
        clock.moment += timedelta(seconds=1)
        users.prune_keys()

        assert profiles.keys == {}
        assert len(profiles.profiles) == 1
