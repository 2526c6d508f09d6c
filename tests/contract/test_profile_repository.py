"""One suite, every door: what holds for the fake holds for PostgreSQL."""

from datetime import timedelta

import pytest

from common.errors import Conflict, Invalid, NotFound
from common.ids import new_id
from tests.builders import NOON, a_profile
from tests.fakes import FakeProfiles
from tests.scratch import PostgresProfiles, scratch
from user_service.domain.sign_up import LEASE, claimed
from user_service.storage.models import UserBase

ANSWER = {"id": "u1", "email": "ada@example.com"}
LATER = NOON + timedelta(minutes=1)


@pytest.fixture(scope="module")
def engine(stack):
    uri = stack.environment("user_service")["USER_DB_URI"]
    with scratch(uri, UserBase) as engine:
        yield engine


@pytest.fixture(params=["memory", "postgres"])
def store(request):
    if request.param == "memory":
        return FakeProfiles()
    return PostgresProfiles(request.getfixturevalue("engine"))


def a_claim(fingerprint="f", key=None):
    return claimed(key or new_id(), fingerprint)


def begun(store, claim, now=NOON, **changes):
    with store.transaction() as profiles:
        return profiles.begin(a_profile(**changes), claim, now)


def test_a_person_is_kept(store):
    person, answer = begun(store, None)

    assert answer is None
    with store.transaction() as profiles:
        assert profiles.find(person.id) == person


def test_what_was_begun_and_answered_is_found_again(store):
    claim = a_claim()
    person, _ = begun(store, claim)
    with store.transaction() as profiles:
        profiles.welcome(person.id, ANSWER, NOON)

    assert begun(store, claim) == (person, ANSWER)


def test_what_is_at_work_is_in_progress(store):
    claim = a_claim()
    begun(store, claim)

    with pytest.raises(Conflict) as refusal:
        begun(store, claim)

    assert refusal.value.code == "request_in_progress"


def test_what_was_left_is_taken_up_by_one(store):
    claim = a_claim()
    person, _ = begun(store, claim)

    assert begun(store, claim, NOON + LEASE) == (person, None)
    with pytest.raises(Conflict):
        begun(store, claim, NOON + LEASE)


def test_what_was_interrupted_goes_on_at_once(store):
    claim = a_claim()
    person, _ = begun(store, claim)

    with store.transaction() as profiles:
        profiles.interrupt(person.id, NOON)

    assert begun(store, claim) == (person, None)


def test_a_key_for_another_request_is_refused(store):
    claim = a_claim()
    begun(store, claim)

    with pytest.raises(Invalid) as refusal:
        begun(store, type(claim)(claim.key_hash, "other"))

    assert refusal.value.code == "idempotency_key_reused"


def test_who_is_removed_takes_the_key_along(store):
    claim = a_claim()
    person, _ = begun(store, claim)

    with store.transaction() as profiles:
        profiles.remove(person.id)

    with store.transaction() as profiles, pytest.raises(NotFound):
        profiles.find(person.id)
    another, answer = begun(store, claim)
    assert (another == person, answer) == (False, None)


def test_old_keys_are_forgotten_and_their_people_are_not(store):
    claim = a_claim()
    person, _ = begun(store, claim)

    with store.transaction() as profiles:
        profiles.forget_keys(LATER)

    assert begun(store, claim, LATER)[0].id != person.id
    with store.transaction() as profiles:
        assert profiles.find(person.id) == person


def test_keys_of_today_are_kept(store):
    claim = a_claim()
    person, _ = begun(store, claim)

    with store.transaction() as profiles:
        profiles.forget_keys(NOON)

    assert begun(store, claim, NOON + LEASE)[0] == person
