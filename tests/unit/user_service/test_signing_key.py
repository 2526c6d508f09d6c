"""A key is known before it signs, and after."""

from datetime import timedelta

from tests.builders import NOON
from user_service.domain.session import ACCESS_LIFE
from user_service.domain.signing_key import (
    LEEWAY,
    PUBLISHED_FIRST,
    Keyring,
    SigningKey,
    State,
)

MOMENT = timedelta(microseconds=1)
SIGNS_AT = NOON + PUBLISHED_FIRST


def a_key(kid, signs_at):
    return SigningKey(kid, "private", NOON, signs_at)


KEYRING = Keyring.of([a_key("k2", SIGNS_AT), a_key("k1", NOON)])


def kids(keys):
    return [key.kid for key in keys]


def test_the_next_key_waits_until_it_is_known():
    before = SIGNS_AT - MOMENT

    assert KEYRING.states(before) == {"k1": State.SIGNING, "k2": State.NEXT}
    assert KEYRING.signing(before).kid == "k1"
    assert kids(KEYRING.published(before)) == ["k1", "k2"]


def test_then_it_signs_and_the_old_one_is_still_known():
    assert KEYRING.states(SIGNS_AT) == {"k1": State.RETIRING, "k2": State.SIGNING}
    assert KEYRING.signing(SIGNS_AT).kid == "k2"
    assert KEYRING.retired(SIGNS_AT) == []


def test_the_old_one_is_known_as_long_as_what_it_signed():
    last = SIGNS_AT + ACCESS_LIFE

    assert kids(KEYRING.published(last)) == ["k1", "k2"]
    assert KEYRING.retired(last + LEEWAY) == ["k1"]
    assert kids(KEYRING.published(last + LEEWAY)) == ["k2"]


def test_a_first_key_from_a_clock_that_is_ahead_signs():
    assert Keyring.of([a_key("k1", SIGNS_AT)]).signing(NOON).kid == "k1"


def test_there_may_be_no_next_key():
    assert Keyring.of([a_key("k1", NOON)]).next(NOON) is None
    assert KEYRING.next(NOON).kid == "k2"


def test_a_key_does_not_show_its_private_part():
    assert "private" not in repr(a_key("k1", NOON)).replace("private_key", "")
