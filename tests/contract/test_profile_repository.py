"""One suite, every door: what holds for the fake holds for PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest

from common.errors import Conflict, Invalid, NotFound
from common.ids import new_id
from common.inbox import Heard
from tests.builders import NOON, a_profile
from tests.fakes import FakeProfiles
from tests.scratch import PostgresProfiles, scratch
from user_service.domain.preferences import Preferences
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
        return profiles.begin(a_profile(opened=False, **changes), claim, now)


def welcome(store, person):
    with store.transaction() as profiles:
        profiles.welcome(person.id, ANSWER, NOON)


def test_a_person_is_kept(store):
    person, answer = begun(store, None)

    assert answer is None
    with store.transaction() as profiles:
        assert profiles.find(person.id) == person


def test_what_was_begun_and_answered_is_found_again(store):
    claim = a_claim()
    person, _ = begun(store, claim)
    welcome(store, person)

    assert begun(store, claim) == (replace(person, opened=True), ANSWER)


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


def test_a_new_name_is_kept(store):
    person, _ = begun(store, None)

    with store.transaction() as profiles:
        loaded = profiles.get(person.id)
        loaded.change("Ada King")
        profiles.save(loaded)

    with store.transaction() as profiles:
        assert profiles.find(person.id).full_name == "Ada King"


def test_people_come_the_newest_first_page_by_page(store):
    people = [begun(store, None)[0] for _ in range(3)]
    for person in people:
        welcome(store, person)
    ids = [person.id for person in people]

    with store.transaction() as profiles:
        first = profiles.newest(1, None)
        rest = profiles.newest(1, [ids[2]])

    assert [person.id for person in first] == [ids[2], ids[1]]
    assert rest[0].id == ids[1]


def test_who_signs_up_is_told_of_once(store):
    person, _ = begun(store, None)
    before = len(store.events)

    for _ in range(2):
        welcome(store, person)

    assert [event.type for event in store.events[before:]] == ["user.registered"]


class TestUnopened:
    """A profile whose account nobody has seen yet."""

    def unopened(self, store, before=LATER):
        with store.transaction() as profiles:
            return [person.id for person in profiles.unopened(before, 1000)]

    def given_up(self, store, person, before=LATER):
        told = len(store.events)
        with store.transaction() as profiles:
            profiles.give_up(person.id, before, LATER)
        return [event.type for event in store.events[told:]]

    def test_it_is_found_when_it_is_old_and_not_before(self, store):
        person, _ = begun(store, None)

        assert person.id in self.unopened(store)
        assert person.id not in self.unopened(store, NOON)

    def test_it_is_not_found_while_its_key_is_at_work(self, store):
        person, _ = begun(store, a_claim())

        assert person.id not in self.unopened(store, NOON + LEASE)
        assert person.id in self.unopened(store)

    def test_the_oldest_come_first(self, store):
        begun(store, None)
        oldest, _ = begun(store, None, created_at=NOON - timedelta(days=9))

        with store.transaction() as profiles:
            assert profiles.unopened(LATER, 1) == [oldest]
            profiles.erase(oldest.id, NOON)

    def test_it_is_no_person_yet(self, store):
        person, _ = begun(store, None)

        with store.transaction() as profiles:
            listed = profiles.newest(1000, None)
            with pytest.raises(NotFound):
                profiles.find_opened(person.id)

        assert person.id not in [one.id for one in listed]

    def test_it_is_one_when_it_is_welcome(self, store):
        person, _ = begun(store, a_claim())
        welcome(store, person)

        with store.transaction() as profiles:
            assert profiles.find_opened(person.id).opened
        assert person.id not in self.unopened(store)

    def test_given_up_it_goes_with_its_key_and_is_told_once(self, store):
        claim = a_claim()
        person, _ = begun(store, claim)

        told = [self.given_up(store, person) for _ in range(2)]

        assert told == [["user.erased"], []]
        assert begun(store, claim)[0].id != person.id

    def test_who_was_opened_or_is_tried_again_is_not_given_up(self, store):
        opened, _ = begun(store, None)
        welcome(store, opened)
        tried, _ = begun(store, a_claim())

        assert self.given_up(store, opened) == []
        assert self.given_up(store, tried, NOON + LEASE) == []
        with store.transaction() as profiles:
            assert profiles.find(tried.id) == tried

    def test_who_is_gone_is_not_welcome(self, store):
        person, _ = begun(store, None)
        self.given_up(store, person)
        told = len(store.events)

        welcome(store, person)

        assert len(store.events) == told


class TestPreferences:
    def test_who_said_nothing_has_consented_to_nothing(self, store):
        person, _ = begun(store, None)

        with store.transaction() as profiles:
            assert profiles.preferences(person.id) == Preferences()

    def test_the_last_ones_count(self, store):
        person, _ = begun(store, None)

        for language in ("de", "fr"):
            with store.transaction() as profiles:
                profiles.prefer(person.id, Preferences(language, "GBP", True))

        with store.transaction() as profiles:
            assert profiles.preferences(person.id) == Preferences("fr", "GBP", True)

    def test_who_is_not_there_has_none(self, store):
        for use in (
            lambda profiles: profiles.preferences(new_id()),
            lambda profiles: profiles.prefer(new_id(), Preferences()),
        ):
            with store.transaction() as profiles, pytest.raises(NotFound):
                use(profiles)


class TestErasure:
    def test_nothing_is_left_and_it_is_told_once(self, store):
        claim = a_claim()
        person, _ = begun(store, claim)
        before = len(store.events)

        for _ in range(2):
            with store.transaction() as profiles:
                profiles.erase(person.id, NOON)

        with store.transaction() as profiles, pytest.raises(NotFound):
            profiles.find(person.id)
        assert begun(store, claim)[0].id != person.id
        assert [event.type for event in store.events[before:]] == ["user.erased"]

    def test_preferences_go_along(self, store):
        person, _ = begun(store, None)
        with store.transaction() as profiles:
            profiles.prefer(person.id, Preferences("de", "GBP", True))
            profiles.erase(person.id, NOON)

        with store.transaction() as profiles:
            profiles.add(person)
            assert profiles.preferences(person.id) == Preferences()


def test_news_is_for_who_is_there_and_was_not_told(store):
    ada, heard = a_profile(), Heard("on_thing_happened", new_id(), NOON)
    with store.transaction() as profiles:
        profiles.add(ada)

    with store.statements() as profiles:
        assert profiles.untold(ada.id, heard) == ada.email
        profiles.inbox.note(heard)
    with store.statements() as profiles:
        assert profiles.untold(ada.id, heard) is None
        assert profiles.untold(ada.id, replace(heard, event_id=new_id())) == ada.email
        assert profiles.untold(new_id(), replace(heard, event_id=new_id())) is None
