"""Whatever is created is created once per Idempotency-Key, whatever happens."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3
from sqlalchemy import create_engine, text

from common.database import with_driver
from common.ids import new_id
from tests.builders import ADDRESS
from tests.client import PASSWORD, eventually

# On a machine that is busy with other things, some are asked to come again.
LATER = {"request_in_progress", "service_unavailable", "deadline_exceeded"}


def a_user(**changes):
    user = {
        "email": f"{new_id()}@example.com",
        "password": PASSWORD,
        "full_name": "Ada Example",
    }
    return user | changes


def a_draft(seller):
    return {
        "sku": f"TEST-{new_id()}",
        "title": "Test mug",
        "description": "For tests.",
        "category": seller.get("/v1/categories").body["items"][0]["slug"],
        "price": {"amount": 450, "currency": "GBP"},
    }


@pytest.fixture(params=["users", "sellers", "addresses", "products"])
def creation(request, stranger):
    """Who asks for what, where."""
    if request.param == "users":
        return stranger, "/v1/users", a_user()
    if request.param == "sellers":
        return stranger.signed_up(), "/v1/sellers", {"name": "Grace's"}
    if request.param == "addresses":
        return stranger.signed_up(), "/v1/users/me/addresses", ADDRESS
    seller = request.getfixturevalue("seller")
    return seller, "/v1/products", a_draft(seller)


def test_the_same_request_has_the_same_answer_to_the_byte(creation):
    (who, path, body), key = creation, new_id()

    first = who.post(path, body, Idempotency_Key=key)
    again = who.post(path, body, Idempotency_Key=key)

    assert (first.status, again.status, again.raw) == (201, 201, first.raw)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]


def test_another_request_under_the_same_key_is_refused(creation):
    (who, path, body), key = creation, new_id()
    assert who.post(path, body, Idempotency_Key=key).status == 201

    name = "name" if "name" in body else "title" if "title" in body else "full_name"
    other = who.post(path, body | {name: "Another"}, Idempotency_Key=key)

    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_a_key_that_is_none_is_refused(creation):
    who, path, body = creation

    got = who.post(path, body, Idempotency_Key="a b")

    assert (got.status, got.code) == (400, "idempotency_key_required")


def test_another_password_under_the_same_key_is_refused(stranger):
    user, key = a_user(), new_id()
    stranger.post("/v1/users", user, Idempotency_Key=key)

    other = stranger.post(
        "/v1/users", user | {"password": "another horse"}, Idempotency_Key=key
    )

    assert other.code == "idempotency_key_reused"


def test_a_refused_sign_up_may_be_corrected_under_its_key(stranger):
    taken, key = a_user(), new_id()
    stranger.post("/v1/users", taken)

    refused = stranger.post("/v1/users", taken, Idempotency_Key=key)
    corrected = stranger.post("/v1/users", a_user(), Idempotency_Key=key)

    assert (refused.status, refused.code) == (409, "email_taken")
    assert corrected.status == 201


def test_fifty_requests_at_once_create_one_thing(creation):
    (who, path, body), key = creation, new_id()

    with ThreadPoolExecutor(50) as pool:
        answers = list(
            pool.map(lambda _: who.post(path, body, Idempotency_Key=key), range(50))
        )

    made = [answer for answer in answers if answer.status == 201]
    waiting = [answer for answer in answers if answer.status != 201]
    assert len({answer.raw for answer in made}) == 1
    first = [one for one in made if "Idempotent-Replayed" not in one.headers]
    assert len(first) == 1
    assert {answer.code for answer in waiting} <= LATER
    assert all(answer.headers["Retry-After"] for answer in waiting)


def age_keys(uri):
    """Let all keys be a day old."""
    older = "UPDATE idempotency_keys SET created_at = created_at - interval '24 hours'"
    engine = create_engine(with_driver(uri))
    with engine.begin() as connection:
        connection.execute(text(older))
    engine.dispose()


def test_a_key_is_free_again_after_a_day(stack, stranger, product):
    buyer, item, key = stranger.signed_up(), {product(stock=2): 1}, new_id()
    user = a_user()
    assert stranger.post("/v1/users", user, Idempotency_Key=key).status == 201
    first = buyer.place(item, key=key).body["id"]

    age_keys(stack.operator["USER_DB_URI"])
    age_keys(stack.operator["ORDER_DB_URI"])

    def taken():
        return stranger.post("/v1/users", user, Idempotency_Key=key).status

    eventually(taken, 409)
    eventually(lambda: buyer.place(item, key=key).body["id"] != first, True)


def until_answered(who, user, key):
    """Send one request again until it has an end, as a good client does."""
    outcome = {}

    def done():
        try:
            answer = who.post("/v1/users", user, Idempotency_Key=key)
        except urllib3.exceptions.HTTPError:
            return False
        outcome["answer"] = answer
        return answer.status == 201 or (
            answer.status != 503 and answer.code != "request_in_progress"
        )

    eventually(done, True, seconds=60)
    return outcome["answer"]


@pytest.mark.parametrize("victim", ["user_service.1", "auth_service.1"])
def test_a_service_killed_among_sign_ups_loses_and_doubles_nobody(
    stack, stranger, victim
):
    people = [a_user() for _ in range(30)]

    def sign_up(numbered):
        number, user = numbered
        if number in (5, 15, 25):
            dead = stack.pid(victim)
            os.kill(dead, signal.SIGKILL)
            eventually(lambda: stack.pid(victim) != dead, True, seconds=30)
        return until_answered(stranger, user, new_id())

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(sign_up, enumerate(people)))

    assert [answer.status for answer in answers] == [201] * len(people)
    for user, answer in zip(people, answers, strict=True):
        me = stranger.signed_in(user["email"], PASSWORD).get("/v1/users/me")
        assert me.body == answer.body
