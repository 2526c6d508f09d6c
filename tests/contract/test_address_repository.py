"""One suite, every door: what holds for the fake holds for PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from common.errors import Invalid, NotFound
from common.ids import new_id
from common.json import dumps
from tests.builders import NOON, a_profile, an_address
from tests.fakes import FakeProfiles
from tests.scratch import PostgresProfiles, held, scratch
from user_service.domain.sign_up import claimed
from user_service.storage.models import UserBase


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


@pytest.fixture
def ada(store):
    profile = a_profile()
    with store.transaction() as profiles:
        profiles.add(profile)
    return profile.id


def book_of(store, user_id):
    with store.addresses() as addresses:
        return addresses.get(user_id)


def changed(store, user_id, change):
    with store.addresses() as addresses:
        book = addresses.get(user_id)
        change(book)
        addresses.save(book)
    return book_of(store, user_id)


def kept(store, user_id, **changes):
    address = an_address(**changes)
    changed(store, user_id, lambda book: book.add(address))
    return address.id


def defaults(book):
    return [address.id for address in book.addresses if address.is_default]


def test_nobody_begins_with_an_address(store, ada):
    assert book_of(store, ada).addresses == []


def test_who_is_not_there_has_no_book(store):
    with pytest.raises(NotFound) as refusal:
        book_of(store, new_id())

    assert refusal.value.code == "user_not_found"


def test_what_is_kept_comes_back_whole_the_oldest_first(store, ada):
    first = an_address(line2="Flat 2", region="West Yorkshire", phone="+44 1")
    second = an_address()

    for address in (first, second):
        changed(store, ada, lambda book, address=address: book.add(address))

    found = book_of(store, ada).addresses
    assert [one.id for one in found] == [first.id, second.id]
    assert found[0].line2 == "Flat 2"
    assert found[1].phone is None


def test_a_default_moves(store, ada):
    first, second = kept(store, ada), kept(store, ada, is_default=True)

    assert defaults(book_of(store, ada)) == [second]

    book = changed(store, ada, lambda b: b.change(first, {"is_default": True}))
    assert defaults(book) == [first]


def test_what_is_removed_is_gone_and_another_is_the_default(store, ada):
    first, second = kept(store, ada), kept(store, ada)

    book = changed(store, ada, lambda book: book.remove(first))

    assert [one.id for one in book.addresses] == [second]
    assert defaults(book) == [second]


def test_another_persons_address_does_not_exist(store, ada):
    address_id = kept(store, ada)

    with store.addresses() as addresses:
        assert addresses.find(ada, address_id).id == address_id
        with pytest.raises(NotFound):
            addresses.find(new_id(), address_id)


def test_they_come_a_page_at_a_time(store, ada):
    ids = [kept(store, ada) for _ in range(3)]

    with store.addresses() as addresses:
        first = addresses.of_user(ada, 1, None)
        rest = addresses.of_user(ada, 2, [ids[0]])

    assert [one.id for one in first] == ids[:2]
    assert [one.id for one in rest] == ids[1:]


def test_who_is_erased_takes_them_along(store, ada):
    kept(store, ada)

    with store.transaction() as profiles:
        profiles.erase(ada, NOON)

    with store.addresses() as addresses:
        assert addresses.of_user(ada, 10, None) == []
    with pytest.raises(NotFound):
        kept(store, ada)


class TestKeys:
    def answered(self, store, ada, claim):
        with store.addresses() as addresses:
            return addresses.answered(ada, claim)

    def test_an_answer_is_pinned_to_its_key_letter_by_letter(self, store, ada):
        claim, answer = claimed(new_id(), "f"), {"z": 1, "a": "ü"}
        assert self.answered(store, ada, claim) is None

        with store.addresses() as addresses:
            addresses.answer(ada, claim, answer, NOON)

        assert dumps(self.answered(store, ada, claim)) == dumps(answer)
        assert self.answered(store, new_id(), claim) is None

    def test_a_key_for_another_request_is_refused(self, store, ada):
        key = new_id()
        with store.addresses() as addresses:
            addresses.answer(ada, claimed(key, "f"), {"a": 1}, NOON)

        with pytest.raises(Invalid) as refusal:
            self.answered(store, ada, claimed(key, "g"))

        assert refusal.value.code == "idempotency_key_reused"

    def test_an_old_key_is_forgotten(self, store, ada):
        claim = claimed(new_id(), "f")
        with store.addresses() as addresses:
            addresses.answer(ada, claim, {"a": 1}, NOON)
            addresses.forget_keys(NOON)
            assert addresses.answered(ada, claim)
            addresses.forget_keys(NOON + timedelta(seconds=1))

        assert self.answered(store, ada, claim) is None

    def test_no_key_is_no_answer(self, store, ada):
        with store.addresses() as addresses:
            addresses.answer(ada, None, {"a": 1}, NOON)

        assert self.answered(store, ada, None) is None


class TestPostgres:
    """What only the real store can show."""

    @pytest.fixture
    def store(self, engine):
        return PostgresProfiles(engine)

    def test_many_at_once_leave_one_default(self, store, ada):
        with ThreadPoolExecutor(8) as pool:
            ids = list(pool.map(lambda _: kept(store, ada, is_default=True), range(16)))

        book = book_of(store, ada)
        assert len(defaults(book)) == 1
        assert {one.id for one in book.addresses} == set(ids)

    def test_the_database_itself_holds_one_default(self, store, ada, engine):
        kept(store, ada)
        kept(store, ada)

        with engine.begin() as connection, pytest.raises(IntegrityError):
            connection.execute(
                text("UPDATE addresses SET is_default = true WHERE user_id = :ada"),
                {"ada": ada},
            )

    def test_nothing_of_an_address_can_be_read(self, store, ada, engine):
        marks = {
            name: f"{name}-{new_id()}"
            for name in ("full_name", "line1", "line2", "city", "phone", "region")
        }
        kept(store, ada, **marks)
        with store.addresses() as addresses:
            answer = {"address": marks}
            addresses.answer(ada, claimed(new_id(), "f"), answer, NOON)

        rows = held(engine, UserBase)
        assert ada in rows
        assert not any(mark in rows for mark in marks.values())
