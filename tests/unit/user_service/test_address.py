"""An address book has exactly one default, and an end."""

import pytest

from common.errors import Conflict, Invalid, NotFound
from common.ids import new_id
from tests.builders import an_address
from user_service.domain.address import MOST_ADDRESSES, AddressBook


@pytest.fixture
def book():
    return AddressBook("ada")


def defaults(book):
    return [address.id for address in book.addresses if address.is_default]


def test_the_first_is_the_default_whatever_it_says(book):
    first = book.add(an_address(is_default=False))

    assert first.is_default
    assert defaults(book) == [first.id]


def test_the_next_is_not_unless_it_says_so(book):
    first, second = book.add(an_address()), book.add(an_address())
    assert not second.is_default
    assert defaults(book) == [first.id]

    third = book.add(an_address(is_default=True))

    assert defaults(book) == [third.id]


def test_another_becomes_the_default(book):
    book.add(an_address())
    second = book.add(an_address())

    assert book.change(second.id, {"is_default": True}).is_default
    assert defaults(book) == [second.id]


def test_a_default_stays_it_until_another_becomes_it(book):
    first, second = book.add(an_address()), book.add(an_address())

    with pytest.raises(Invalid) as refusal:
        book.change(first.id, {"is_default": False, "city": "York"})

    assert list(refusal.value.details) == ["is_default"]
    assert book.addresses == [first, second]
    assert book.change(second.id, {"is_default": False}) == second
    assert book.change(first.id, {"is_default": True}) == first


def test_who_deletes_the_default_has_the_newest_instead(book):
    first, _, third = [book.add(an_address()) for _ in range(3)]

    book.remove(first.id)

    assert defaults(book) == [third.id]


def test_a_change_leaves_the_rest(book):
    first = book.add(an_address(phone="+44 1", line2="Flat 2"))

    changed = book.change(first.id, {"phone": None, "city": "York"})

    assert (changed.phone, changed.city, changed.line2) == (None, "York", "Flat 2")
    assert book.find(first.id) == changed


def test_the_place_in_the_book_stays(book):
    ids = [book.add(an_address()).id for _ in range(3)]

    book.change(ids[1], {"is_default": True})

    assert [address.id for address in book.addresses] == ids


def test_who_deletes_another_keeps_the_default(book):
    first, second = book.add(an_address()), book.add(an_address())

    book.remove(second.id)

    assert defaults(book) == [first.id]


def test_a_book_can_be_emptied(book):
    book.remove(book.add(an_address()).id)

    assert book.addresses == []


@pytest.mark.parametrize("use", ["find", "remove"])
def test_what_is_not_in_it_is_not_there(book, use):
    with pytest.raises(NotFound):
        getattr(book, use)(new_id())
    with pytest.raises(NotFound):
        book.change(new_id(), {})


def test_a_book_is_full_at_some_point(book):
    for _ in range(MOST_ADDRESSES):
        book.add(an_address())

    with pytest.raises(Conflict) as refusal:
        book.add(an_address())

    assert refusal.value.code == "too_many_addresses"
