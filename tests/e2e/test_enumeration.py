"""Nobody can find out by asking who has an account."""

import pytest

from common.ids import new_id
from tests.client import PASSWORD

OF_THE_ANSWER = {"instance", "request_id"}
OF_THE_MOMENT = {"Date", "RateLimit", "X-Request-Id", "traceparent"}
WRONG = "wrong horse battery"


@pytest.fixture
def known(stranger):
    email = f"{new_id()}@example.com"
    person = {"email": email, "password": PASSWORD, "full_name": "Ada Example"}
    assert stranger.post("/v1/users", person).status == 201
    return email


def sign_in(email):
    grant = {"grant_type": "password", "email": email, "password": WRONG}
    return "/v1/auth/tokens", grant


def ask_for_reset(email):
    return "/v1/auth/password-resets", {"email": email}


def told(answer):
    """All that the answer says, but what is another's every time."""
    headers = {k: v for k, v in answer.headers.items() if k not in OF_THE_MOMENT}
    body = answer.body if answer.raw else {}
    said = {name: body[name] for name in body.keys() - OF_THE_ANSWER}
    return answer.status, headers, said


@pytest.mark.parametrize("ask", [sign_in, ask_for_reset])
def test_known_and_unknown_are_answered_alike(stranger, known, ask):
    unknown = f"{new_id()}@example.com"

    assert told(stranger.post(*ask(known))) == told(stranger.post(*ask(unknown)))


def test_known_and_unknown_are_made_to_wait_alike(stranger, known):
    """As many wrong passwords, and the same answers to each."""
    unknown = f"{new_id()}@example.com"

    def guesses(email):
        return [stranger.post(*sign_in(email)).status for _ in range(8)]

    assert guesses(known) == guesses(unknown)


def test_only_who_signs_up_hears_that_an_address_is_taken(stranger, known):
    """They would not get the account otherwise; `docs/security.md` says so."""
    person = {"email": known, "password": PASSWORD, "full_name": "Mallory"}

    got = stranger.post("/v1/users", person)

    assert (got.status, got.code) == (409, "email_taken")
    assert got.body.keys().isdisjoint({"errors", "details"})
