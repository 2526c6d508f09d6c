"""A token is verified once, and counts no longer than its session."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from common import tokens
from common.errors import Forbidden, Unauthenticated, Unavailable
from common.identity import (
    MOST_REMEMBERED,
    START_SECONDS,
    Person,
    TokenReader,
    Verifier,
)

KEYS = {kid: ec.generate_private_key(ec.SECP256R1()) for kid in ("k1", "k2")}


class FakeAuth:
    """What auth_service tells every process."""

    def __init__(self):
        self.kids, self.ended, self.away = ["k1"], [], False
        self.asked = []

    def get_signing_keys(self):
        if self.away:
            raise Unavailable("service_unavailable", "away")
        return {"keys": [tokens.public_jwk(KEYS[kid], kid) for kid in self.kids]}

    def list_ended_sessions(self, seconds):
        self.asked.append(seconds)
        if self.away:
            raise Unavailable("service_unavailable", "away")
        return {"items": self.ended}


@pytest.fixture
def auth():
    return FakeAuth()


@pytest.fixture
def verifier(auth):
    return Verifier(auth)


def a_token(kid="k1", **changes):
    now = int(time.time())
    claims = {"sub": "u1", "sid": "s1", "roles": ["customer"], "jti": "t1"}
    claims |= {"iat": now, "nbf": now, "exp": now + 600} | changes
    pem = KEYS[kid].private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return tokens.issue(claims, pem.decode(), kid)


def test_a_token_is_verified_once(verifier, monkeypatch):
    token = a_token()
    first = verifier.read(token)
    monkeypatch.setattr(jwt, "decode", None)

    assert verifier.read(token) is first


def test_a_remembered_token_still_expires(verifier, monkeypatch):
    token = a_token()
    verifier.read(token)
    later = time.time() + 600 + tokens.LEEWAY_SECONDS
    monkeypatch.setattr(time, "time", lambda: later)

    with pytest.raises(Unauthenticated):
        verifier.read(token)


def test_an_ended_session_is_announced(verifier):
    token = a_token()
    verifier.read(token)

    verifier.end(["s1"])

    with pytest.raises(Unauthenticated) as refusal:
        verifier.read(token)
    assert refusal.value.args == tokens.bad_token().args


def test_what_was_not_heard_is_asked_for(auth, verifier):
    verifier.read(a_token())
    auth.ended = ["s1"]

    verifier.ask()

    with pytest.raises(Unauthenticated):
        verifier.read(a_token())


def test_who_has_just_started_knows_the_sessions_that_ended_before(auth, verifier):
    auth.ended = ["s1"]

    with pytest.raises(Unauthenticated):
        verifier.read(a_token())
    assert auth.asked == [660]


def test_no_token_counts_before_auth_service_has_answered(auth, verifier):
    auth.away = True

    with pytest.raises(Unavailable):
        verifier.read(a_token())


def test_those_who_are_known_go_on_while_auth_service_is_away(auth, verifier):
    token = a_token()
    verifier.read(token)
    auth.away = True

    assert verifier.read(token).id == "u1"
    assert verifier.read(a_token(jti="t2")).id == "u1"


def test_a_new_key_is_fetched_when_its_first_token_comes(auth, verifier):
    verifier.read(a_token())
    auth.kids, verifier.fetched_at = ["k1", "k2"], 0

    assert verifier.read(a_token("k2")).id == "u1"


def test_a_flood_of_unknown_keys_asks_once(auth, verifier):
    verifier.read(a_token())
    asked = len(auth.asked)

    for _ in range(50):
        with pytest.raises(Unauthenticated):
            verifier.read(a_token("k2"))

    assert len(auth.asked) == asked


def test_what_a_withdrawn_key_signed_counts_no_more(auth, verifier):
    token = a_token()
    verifier.read(token)
    auth.kids = ["k2"]

    verifier.ask()

    with pytest.raises(Unauthenticated):
        verifier.read(token)


def test_what_is_remembered_has_an_end(verifier):
    caller = verifier.read(a_token())
    for number in range(MOST_REMEMBERED):
        verifier.callers[number] = caller

    verifier.read(a_token(jti="t2"))

    assert len(verifier.callers) == MOST_REMEMBERED


class TestPerson:
    def test_nobody_is_a_visitor_and_no_caller(self, verifier):
        person = Person(verifier, None)

        assert person.visitor is None
        with pytest.raises(Unauthenticated):
            _ = person.caller

    def test_a_role_one_has_not_is_refused(self, verifier):
        person = Person(verifier, a_token())

        assert person.only("customer", "admin").id == "u1"
        with pytest.raises(Forbidden):
            person.only("admin")

    def test_what_is_no_token_at_all_is_a_bad_one(self, verifier):
        with pytest.raises(Unauthenticated) as refusal:
            _ = Person(verifier, 5).caller

        assert refusal.value.args == tokens.bad_token().args


def test_a_start_that_waits_for_auth_service_is_no_trouble(verifier, auth, caplog):
    caplog.set_level("INFO")
    auth.away = True
    reader = TokenReader()
    reader.verifier, reader.started_at = verifier, time.monotonic()

    reader.learn()
    assert caplog.messages == []

    reader.started_at -= START_SECONDS
    reader.learn()
    assert caplog.messages == ["auth_service does not answer: away"]


def test_who_has_known_auth_service_misses_it_at_once(verifier, auth, caplog):
    reader = TokenReader()
    reader.verifier, reader.started_at = verifier, time.monotonic()
    reader.learn()
    auth.away = True

    reader.learn()

    assert caplog.messages == ["auth_service does not answer: away"]
