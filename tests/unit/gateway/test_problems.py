"""Whatever goes wrong becomes a problem document that leaks nothing."""

import json

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound

from common import errors
from gateway.problems import problem_from
from gateway.request import Request


def answer_to(exc):
    response = problem_from(exc, Request("POST", b"/v1/orders"))
    assert response.content_type == "application/problem+json"
    return response, json.loads(response.body)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.Invalid, 422),
        (errors.Unauthenticated, 401),
        (errors.Forbidden, 403),
        (errors.NotFound, 404),
        (errors.Conflict, 409),
        (errors.Unavailable, 503),
    ],
)
def test_each_kind_of_refusal_has_its_status(kind, status):
    response, body = answer_to(kind("some_code", "In words"))

    assert response.status == body["status"] == status
    assert (body["code"], body["detail"]) == ("some_code", "In words")
    assert body["type"] == "urn:shopnow:problem:some_code"
    assert body["instance"] == "/v1/orders"
    assert body["request_id"]


def test_http_has_a_better_word_for_a_declined_payment():
    response, _ = answer_to(errors.Conflict("payment_declined", "No"))

    assert response.status == 402


def test_wrong_fields_are_named():
    _, body = answer_to(errors.Invalid("invalid", "No", {"items.0.quantity": "Why."}))

    assert body["errors"] == {"items.0.quantity": "Why."}


def test_details_may_use_any_name():
    _, body = answer_to(errors.Conflict("too_late", "No", {"status": "shipped"}))

    assert (body["status"], body["details"]) == (409, {"status": "shipped"})


def test_a_replayed_refusal_says_so_in_a_header_only():
    refusal = errors.Conflict("payment_declined", "No", {"replayed": "true"})

    response, body = answer_to(refusal)

    assert response.headers["Idempotent-Replayed"] == "true"
    assert "details" not in body


@pytest.mark.parametrize(
    "exc", [errors.service_unavailable(), errors.deadline_exceeded()]
)
def test_who_may_try_again_is_told_when(exc):
    response, _ = answer_to(exc)

    assert int(response.headers["Retry-After"]) > 0


def test_who_is_not_known_is_asked_for_a_bearer_token():
    response, _ = answer_to(errors.Unauthenticated("invalid_token", "No"))

    assert response.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_wrong_method_is_told_the_right_ones():
    response, body = answer_to(MethodNotAllowed(valid_methods=["POST", "GET"]))

    assert (response.status, body["code"]) == (405, "method_not_allowed")
    assert response.headers["Allow"] == "GET, POST"


def test_an_unknown_path_is_a_problem_too():
    response, body = answer_to(NotFound())

    assert (response.status, body["code"]) == (404, "not_found")


def test_a_bug_tells_nothing():
    response, body = answer_to(KeyError("postgres://secret"))

    assert (response.status, body["code"]) == (500, "unexpected")
    assert b"secret" not in response.body


def test_the_request_remembers_how_it_ended():
    bug, refused = KeyError(), Request("GET", b"/v1/orders")
    problem_from(errors.service_unavailable(), refused)
    assert (refused.outcome, refused.trouble) == ("service_unavailable", None)

    failed = Request("GET", b"/v1/orders")
    problem_from(bug, failed)
    assert (failed.outcome, failed.trouble) == ("unexpected", bug)


def test_the_path_is_told_as_a_uri_reference():
    request = Request("GET", "/v1/é%20%5B%22".encode())

    body = json.loads(problem_from(NotFound(), request).body)

    assert body["instance"] == "/v1/%C3%A9%20%5B%22"
