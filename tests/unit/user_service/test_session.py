"""A refresh token is used once; whoever reuses one ends the session."""

from datetime import timedelta

import pytest

from common.errors import Unauthenticated
from tests.builders import NOON
from user_service.domain.session import (
    REFRESH_LIFE,
    RefreshToken,
    Session,
    access_claims,
)

LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def session():
    return Session("s1", "u1", NOON)


@pytest.fixture
def token():
    return RefreshToken.issue("secret", "s1", NOON)


def test_only_the_hash_is_kept(token):
    assert "secret" not in repr(token)


def test_a_fresh_token_is_used_up(session, token):
    token.use(session, LATER)

    assert token.used_at == LATER
    assert session.ended_at is None


def test_a_used_token_ends_the_session(session, token):
    token.use(session, LATER)

    with pytest.raises(Unauthenticated) as refusal:
        token.use(session, LATER)

    assert refusal.value.code == "refresh_token_reused"
    assert session.ended_at == LATER


def test_nothing_goes_on_in_an_ended_session(session, token):
    session.end(NOON)

    with pytest.raises(Unauthenticated) as refusal:
        token.use(session, LATER)

    assert refusal.value.code == "invalid_refresh_token"


def test_a_token_dies_of_old_age(session, token):
    with pytest.raises(Unauthenticated):
        token.use(session, NOON + REFRESH_LIFE)

    assert session.ended_at is None


def test_an_access_token_lives_ten_minutes():
    claims = access_claims({"sub": "u1"}, "s1", "t1", NOON)

    assert claims["exp"] - claims["iat"] == 600
    assert (claims["sub"], claims["sid"], claims["jti"]) == ("u1", "s1", "t1")
