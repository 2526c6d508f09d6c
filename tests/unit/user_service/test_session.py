"""A refresh token is used once; whoever reuses one ends the session."""

from datetime import timedelta

import pytest

from common.errors import Unauthenticated
from tests.builders import NOON
from user_service.domain.session import (
    ACCESS_LIFE,
    LOST_ANSWER,
    End,
    Lives,
    RefreshToken,
    Session,
    access_claims,
)

LIVES = Lives(idle=timedelta(days=14), absolute=timedelta(days=90))
LATER = NOON + timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def session():
    return Session.start("s1", "u1", LIVES, NOON)


@pytest.fixture
def token():
    return RefreshToken("hash-1", "s1", "seed-1")


@pytest.fixture
def successor():
    return RefreshToken("hash-2", "s1", "seed-2")


def refused(token, session, successor, now):
    with pytest.raises(Unauthenticated) as refusal:
        token.use(session, successor, LIVES, now)
    return refusal.value.code


def test_a_fresh_token_is_used_up(session, token):
    token.use(session, None, LIVES, LATER)

    assert token.used_at == LATER
    assert session.ended_at is None


def test_a_used_token_ends_the_session(session, token, successor):
    token.use(session, None, LIVES, LATER)
    long_after = LATER + LOST_ANSWER + MOMENT

    assert refused(token, session, successor, long_after) == "refresh_token_reused"
    assert session.ended_at == long_after
    [event] = session.events
    assert (event.user_id, event.session_ids) == ("u1", ["s1"])
    assert event.reason == End.REFRESH_TOKEN_REUSED


def test_a_lost_answer_is_given_again(session, token, successor):
    token.use(session, None, LIVES, LATER)

    token.use(session, successor, LIVES, LATER + LOST_ANSWER)

    assert token.used_at == LATER
    assert session.ended_at is None


def test_an_answer_was_not_lost_whose_token_was_used(session, token, successor):
    token.use(session, None, LIVES, LATER)
    successor.use(session, None, LIVES, LATER)

    assert refused(token, session, successor, LATER) == "refresh_token_reused"


def test_a_used_token_without_a_successor_is_reused(session, token):
    token.use(session, None, LIVES, LATER)

    assert refused(token, session, None, LATER) == "refresh_token_reused"


def test_nothing_goes_on_in_an_ended_session(session, token):
    session.end(End.SIGNED_OUT, NOON)

    assert refused(token, session, None, LATER) == "invalid_refresh_token"


def test_a_session_ends_once(session):
    session.end(End.SIGNED_OUT, NOON)
    session.end(End.SIGNED_OUT, LATER)

    assert session.ended_at == NOON
    assert len(session.events) == 1


def test_a_session_that_rests_too_long_is_over(session, token):
    assert not session.is_over(NOON + LIVES.idle - MOMENT)
    assert refused(token, session, None, NOON + LIVES.idle) == "invalid_refresh_token"
    assert session.events == []


def test_a_session_that_is_used_goes_on(session, token):
    token.use(session, None, LIVES, LATER)

    assert session.expires_at == LATER + LIVES.idle


def test_no_session_goes_on_for_ever(session):
    session.go_on(LIVES, NOON + LIVES.absolute - timedelta(days=1))

    assert session.expires_at == NOON + LIVES.absolute


def test_an_access_token_lives_ten_minutes(session):
    claims = access_claims({"sub": "u1"}, session, "t1", NOON)

    assert claims["exp"] - claims["iat"] == 600
    assert (claims["sub"], claims["sid"], claims["jti"]) == ("u1", "s1", "t1")


def test_an_access_token_does_not_outlive_its_session(session):
    last_minute = session.expires_at - timedelta(minutes=1)

    claims = access_claims({"sub": "u1"}, session, "t1", last_minute)

    assert claims["exp"] == session.expires_at.timestamp()
    assert claims["exp"] - claims["iat"] < ACCESS_LIFE.total_seconds()
