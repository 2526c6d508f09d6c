"""What is sealed opens with its key, in its place, and nowhere else."""

from base64 import urlsafe_b64encode

import pytest

from common.sealing import Seal, Unopened, key_id_of

OLD = urlsafe_b64encode(b"o" * 32).decode()
NEW = urlsafe_b64encode(b"n" * 32).decode()
PLACE = "addresses/1"


@pytest.fixture
def seal():
    return Seal(f"old:{OLD}")


def test_what_is_sealed_cannot_be_read_and_opens_again(seal):
    sealed = seal.close("1 High Street ü", PLACE)

    assert "High" not in sealed
    assert sealed.isascii()
    assert seal.open(sealed, PLACE) == "1 High Street ü"


def test_the_same_is_never_sealed_the_same(seal):
    assert seal.close("x", PLACE) != seal.close("x", PLACE)


def test_a_mark_is_known_again_by_who_has_the_first_key(seal):
    mark = seal.mark("f1")

    assert mark == Seal(f"old:{OLD},new:{NEW}").mark("f1")
    assert mark not in (seal.mark("f2"), Seal(f"old:{NEW}").mark("f1"))


def test_it_tells_its_key(seal):
    assert key_id_of(seal.close("x", PLACE)) == "old"


def test_it_opens_in_its_own_place_only(seal):
    with pytest.raises(Unopened):
        seal.open(seal.close("x", PLACE), "addresses/2")


def test_the_first_key_seals_and_all_of_them_open(seal):
    both = Seal(f"new:{NEW},old:{OLD}")

    assert key_id_of(both.close("x", PLACE)) == "new"
    assert both.open(seal.close("x", PLACE), PLACE) == "x"
    with pytest.raises(Unopened):
        seal.open(both.close("x", PLACE), PLACE)


def test_another_key_of_the_same_name_opens_nothing(seal):
    with pytest.raises(Unopened):
        Seal(f"old:{NEW}").open(seal.close("x", PLACE), PLACE)


@pytest.mark.parametrize("broken", ["", "old", "old.", "old.AAAA", "old.!", "other.AA"])
def test_what_was_never_sealed_does_not_open(seal, broken):
    with pytest.raises(Unopened):
        seal.open(broken, PLACE)


def test_a_changed_letter_does_not_open(seal):
    sealed = seal.close("x", PLACE)
    other = "A" if sealed[10] != "A" else "B"

    with pytest.raises(Unopened):
        seal.open(sealed[:10] + other + sealed[11:], PLACE)


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ("", 1),
        ("secret", 1),
        (OLD, 1),
        (f"a.b:{OLD}", 1),
        (f":{OLD}", 1),
        (f"a:{OLD},", 2),
        (f"a:{OLD},a:{NEW}", 2),
        (f"a:{OLD},b:c2hvcnQ=", 2),
        (f"a:{OLD},b:{NEW},secret!", 3),
        (f"a:{OLD},b:\N{SNOWMAN}", 2),
    ],
)
def test_a_key_that_is_none_is_refused_by_its_place_and_not_shown(keys, place):
    with pytest.raises(ValueError, match=f"FIELD_KEYS: key {place} ") as refusal:
        Seal(keys)

    assert OLD not in str(refusal.value)
    assert "secret" not in str(refusal.value)
