"""No token but a good one opens anything, and none tells what is wrong with it."""

import pytest

from common.ids import new_id
from tests.bad_tokens import bad_tokens
from tests.client import PASSWORD, Client, eventually
from tests.forge import forge

OWN = ("instance", "request_id")
DOORS = [("GET", "/v1/users/me"), ("POST", "/v1/sellers"), ("GET", "/v1/orders")]


@pytest.fixture(scope="module")
def smith(stack, stranger):
    return forge(stack, stranger.signed_up().token)


def refused(stack, token, method="GET", path="/v1/users/me"):
    """The answer, without what is of the single request."""
    got = Client(stack.url, token).call(method, path)
    told = {name: got.body.pop(name) for name in OWN if name in got.body}
    challenge = got.headers.get("WWW-Authenticate")
    body = {name: said for name, said in got.body.items() if name not in told}
    return got.status, challenge, body


@pytest.fixture(scope="module")
def nonsense(stack):
    return refused(stack, "nonsense")


def test_what_the_forge_makes_is_believed(stack, smith):
    forged = smith.like(jti=new_id())

    assert forged != smith.genuine
    assert Client(stack.url, forged).get("/v1/users/me").status == 200


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_all_bad_tokens_are_answered_alike(stack, smith, nonsense, method, path):
    answers = {
        what: refused(stack, token, method, path)
        for what, token in bad_tokens(smith).items()
    }

    assert nonsense[0] == 401
    assert nonsense[2]["code"] == "invalid_token"
    assert {what: said for what, said in answers.items() if said != nonsense} == {}


def test_a_good_product_is_not_for_who_shows_a_bad_token(stack, smith, nonsense):
    """Even where one may come without."""
    item = Client(stack.url).get("/v1/products?limit=1").body["items"][0]["id"]

    assert refused(stack, smith.like(aud="x"), path=f"/v1/products/{item}") == nonsense


def test_a_refresh_token_is_no_access_token(stack, stranger, nonsense):
    email = f"{new_id()}@example.com"
    person = {"email": email, "password": PASSWORD, "full_name": "Ada Example"}
    stranger.post("/v1/users", person)
    grant = {"grant_type": "password", "email": email, "password": PASSWORD}
    pair = stranger.post("/v1/auth/tokens", grant).body

    assert refused(stack, pair["refresh_token"]) == nonsense


def test_a_token_of_a_session_that_ended_is_bad(stack, stranger, nonsense):
    email = f"{new_id()}@example.com"
    person = {"email": email, "password": PASSWORD, "full_name": "Ada Example"}
    stranger.post("/v1/users", person)
    me = stranger.signed_in(email, PASSWORD)
    assert me.get("/v1/users/me").status == 200

    assert me.delete("/v1/auth/tokens/current").status == 204

    eventually(lambda: refused(stack, me.token) == nonsense, True, seconds=1)


def test_a_token_of_who_is_erased_is_bad(stack, newcomer, nonsense):
    assert newcomer.delete("/v1/users/me").status == 204

    eventually(lambda: refused(stack, newcomer.token) == nonsense, True, seconds=60)


SCHEMES = [
    "{}",
    "Bearer",
    "Bearer ",
    "Basic {}",
    "Token {}",
    "Bearer {} {}",
    "Bearer  ",
]


@pytest.mark.parametrize("header", SCHEMES)
def test_a_token_in_another_wrapping_is_none(stack, smith, header):
    sent = header.format(*[smith.genuine] * 2)

    got = Client(stack.url).get("/v1/users/me", Authorization=sent)

    assert got.status == 401


@pytest.mark.parametrize("name", ["access_token", "token", "authorization"])
def test_a_token_in_the_query_is_not_read(stack, smith, name):
    got = Client(stack.url).get(f"/v1/users/me?{name}={smith.genuine}")

    assert (got.status, got.code) == (401, "token_required")
