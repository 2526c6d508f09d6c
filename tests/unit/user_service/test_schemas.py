"""What may be sent to sign up and to sign in."""

import pytest

from common.errors import Invalid
from common.schemas import parse
from user_service.schemas import TokenDraft, UserDraft

USER = {
    "email": "ada@example.com",
    "password": "correct horse",
    "full_name": "Ada Example",
}
PASSWORD_GRANT = {"grant_type": "password", "email": "a@example.com", "password": "x"}
REFRESH_GRANT = {"grant_type": "refresh_token", "refresh_token": "x"}


def wrong_fields(schema, data):
    with pytest.raises(Invalid) as refusal:
        parse(schema, data)
    return set(refusal.value.details)


def test_two_spellings_of_an_address_are_one():
    spelled = USER | {"email": " ADA@Example.com "}

    assert parse(UserDraft, spelled)["email"] == "ada@example.com"


def test_a_password_is_one_however_it_is_typed():
    typed = USER | {"password": "\ufb01ve horses \uff12"}

    assert parse(UserDraft, typed)["password"] == "five horses 2"


@pytest.mark.parametrize("size", [10, 64, 128])
def test_a_password_may_be_long(size):
    assert parse(UserDraft, USER | {"password": "p" * size})


@pytest.mark.parametrize(
    "change",
    [
        {"password": "short"},
        {"password": "x" * 129},
        {"password": 1234567890},
        {"password": "nul\0password"},
        {"email": "nobody"},
        {"email": "a@b@c.de"},
        {"email": "jürgen@example.com"},
        {"email": "x" * 250 + "@example.com"},
        {"full_name": ""},
        {"full_name": "   "},
        {"full_name": "x" * 201},
        {"roles": ["admin"]},
        {"is_admin": True},
    ],
)
def test_what_does_not_fit_is_named(change):
    assert wrong_fields(UserDraft, USER | change) == set(change)


@pytest.mark.parametrize("grant", [PASSWORD_GRANT, REFRESH_GRANT])
def test_each_grant_takes_its_own_fields(grant):
    assert parse(TokenDraft, grant) == grant


@pytest.mark.parametrize(
    ("grant", "wrong"),
    [
        ({"grant_type": "password"}, {"email", "password"}),
        ({"grant_type": "refresh_token"}, {"refresh_token"}),
        (REFRESH_GRANT | {"password": "x"}, {"password"}),
        ({"grant_type": "client_credentials"}, {"grant_type"}),
        ({}, {"grant_type"}),
    ],
)
def test_what_a_grant_lacks_or_does_not_take_is_named(grant, wrong):
    assert wrong_fields(TokenDraft, grant) == wrong


def test_a_password_of_too_many_parts_is_not_composed(monkeypatch):
    """One of 300,000 would stop the process for minutes."""
    monkeypatch.setattr("user_service.schemas.unicodedata", None)

    with pytest.raises(Invalid) as refusal:
        parse(UserDraft, USER | {"password": "a" + "\u0300" * 300 + "\u0316" * 300})

    assert set(refusal.value.details) == {"password"}
