"""Bad input is expected input: a problem, the right status, one line in the log."""

import json
import socket
from urllib.parse import urlsplit

import pytest

from common.ids import new_id
from tests.client import Client, eventually

NOBODY = new_id()
TAGGED = {"__type__": "datetime", "__value__": "x"}


def test_a_problem_says_what_and_where(stranger):
    got = stranger.get("/v1/nothing-here", X_Request_Id="test-1")

    assert (got.status, got.code) == (404, "not_found")
    assert got.body["instance"] == "/v1/nothing-here"
    assert got.body["request_id"] == got.headers["X-Request-Id"] == "test-1"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1/products/1", 404),
        ("GET", f"/v1/products/{NOBODY}", 404),
        ("GET", f"/v1/products/{NOBODY.upper()}", 404),
        ("GET", f"/v1/products/{NOBODY}%00", 404),
        ("GET", f"/v1/sellers/{NOBODY}", 404),
        ("GET", "/v1/products/../../etc/passwd", 404),
        ("GET", "/docs/..%2Fservice.py", 404),
        ("GET", "/v1/products/", 404),
        ("PUT", "/v1/products", 405),
        ("TRACE", "/v1/products", 405),
        ("GET", "/v1/auth/tokens", 405),
        ("GET", "/v1/products?limit=0", 422),
        ("GET", "/v1/products?limit=1&limit=2", 422),
        ("GET", "/v1/products?cursor=nonsense", 422),
        ("GET", "/v1/products?sort=%00", 422),
        ("GET", "/v1/products?q=%00", 422),
        ("GET", "/v1/products?q[$gt]=", 422),
        ("GET", "/v1/orders", 401),
        ("POST", "/v1/orders", 401),
    ],
)
def test_what_cannot_be_answered_is_a_problem(stranger, method, path, status):
    got = stranger.call(method, path)

    assert (got.status, bool(got.code)) == (status, True)


def test_a_wrong_method_is_told_the_right_ones(stranger):
    assert (
        stranger.put("/v1/products", {}).headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    )


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b'{"a":NaN}', b"[" * 5000])
def test_broken_json_is_400(stranger, body):
    got = stranger.post("/v1/users", body, Content_Type="application/json")

    assert (got.status, got.code) == (400, "malformed_json")


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"1", b"null"])
def test_json_that_is_no_object_is_422(stranger, body):
    got = stranger.post("/v1/users", body, Content_Type="application/json")

    assert (got.status, got.code) == (422, "invalid")


def test_another_media_type_is_415(stranger):
    got = stranger.post("/v1/users", b"a=b", Content_Type="text/plain")

    assert (got.status, got.code) == (415, "unsupported_media_type")


def test_an_answer_nobody_can_give_is_406(stranger):
    got = stranger.get("/v1/products", Accept="text/csv")

    assert (got.status, got.code) == (406, "not_acceptable")


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 2 * 1024 * 1024])
def test_a_body_that_is_too_large_is_413(stranger, size):
    got = stranger.post("/v1/users", b"x" * size, Content_Type="application/json")

    assert (got.status, got.code) == (413, "content_too_large")
    assert stranger.get("/healthz").status == 200


def test_a_chunked_body_that_is_too_large_is_413(stranger):
    def chunks():
        for _ in range(32):
            yield b"x" * 65536

    got = stranger.pool.request(
        "POST",
        stranger.url + "/v1/users",
        body=chunks(),
        headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
    )

    assert got.status == 413


def test_a_chunked_body_is_read_like_any_other(stranger):
    got = stranger.pool.request(
        "POST",
        stranger.url + "/v1/users",
        body=iter([b'{"email"', b':"x"}']),
        headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
    )

    assert got.status == 422


@pytest.mark.parametrize("body", [b"zz\r\nx\r\n0\r\n\r\n", b"-5\r\nx\r\n0\r\n\r\n"])
def test_chunks_that_make_no_sense_are_400(stack, body):
    address = urlsplit(stack.url)
    head = (
        b"POST /v1/users HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port), 10) as connection:
        connection.sendall(head + body)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 400")
    assert b"malformed_body" in answer


def test_every_wrong_field_is_named(customer):
    draft = {
        "items": [{"product_id": NOBODY, "quantity": -1}],
        "shipping_address": {"full_name": "Ada"},
        "payment": {"method": "card", "token": "tok_visa"},
        "colour": "red",
    }

    got = customer.post("/v1/orders", draft, Idempotency_Key=new_id())

    assert got.status == 422
    assert set(got.body["errors"]) == {
        "items.0.quantity",
        "colour",
        "shipping_address.line1",
        "shipping_address.city",
        "shipping_address.postal_code",
        "shipping_address.country",
    }


def test_an_order_needs_an_idempotency_key(customer):
    got = customer.post("/v1/orders", {})

    assert (got.status, got.code) == (400, "idempotency_key_required")


def test_a_product_that_is_not_there_cannot_be_ordered(customer):
    got = customer.place({NOBODY: 1})

    assert (got.status, got.code) == (409, "product_not_for_sale")


@pytest.mark.parametrize(
    "token",
    ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "é", "x" * 9000],
)
def test_a_token_of_nobody_is_401(stack, token):
    got = Client(stack.url, token).get("/v1/users/me")

    assert (got.status, got.code) == (401, "invalid_token")
    assert got.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_tampered_token_is_401(stack, customer):
    header, body, signature = customer.token.split(".")
    swapped = "A" if signature[10] != "A" else "B"
    forged = f"{header}.{body}.{signature[:10]}{swapped}{signature[11:]}"

    assert Client(stack.url, forged).get("/v1/users/me").status == 401


def test_an_email_is_taken_once(stranger):
    email = f"{new_id()}@example.com"
    person = {"email": email, "password": "correct horse", "full_name": "Ada"}
    assert stranger.post("/v1/users", person).status == 201

    got = stranger.post("/v1/users", person | {"email": email.upper()})

    assert (got.status, got.code) == (409, "email_taken")


def test_unknown_and_wrong_sign_in_alike(stranger, stack):
    known = stack.demo_accounts[0]["email"]

    answers = [
        stranger.post(
            "/v1/auth/tokens",
            {"grant_type": "password", "email": email, "password": "wrong"},
        )
        for email in (known, f"{new_id()}@example.com")
    ]

    assert [a.status for a in answers] == [401, 401]
    assert answers[0].body["detail"] == answers[1].body["detail"]


def test_another_sellers_product_does_not_exist(stack, stranger, product):
    sellers = [a for a in stack.demo_accounts if "seller" in a["roles"]]
    other = stranger.signed_in(sellers[1]["email"], sellers[1]["password"])
    path = f"/v1/products/{product(stock=1)}/inventory"

    assert other.get(path).status == 404
    stolen = other.post(
        f"{path}/adjustments",
        {"delta": -1, "reason": "x"},
        Idempotency_Key=new_id(),
    )
    assert stolen.status == 404


def test_type_tags_in_a_body_neither_freeze_nor_deceive(stranger, customer):
    for _ in range(30):
        got = stranger.post("/v1/auth/tokens", TAGGED)
        assert got.status == 422
    tagged = {"quantity": TAGGED}
    path = f"/v1/cart/items/{NOBODY}"
    assert customer.put(path, tagged).status == 422
    assert stranger.get("/v1/categories").status == 200


def test_two_requests_on_one_connection_are_answered_in_turn(stack):
    address = urlsplit(stack.url)
    ask = b"GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n"
    last = b"GET /v1/nothing HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n"
    with socket.create_connection((address.hostname, address.port), 10) as connection:
        connection.sendall(ask + last)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.index(b"200 OK") < answer.index(b"404 Not Found")


def test_a_bad_request_leaves_one_line_with_each_whom_it_reached(stack, customer):
    logs = list((stack.run_dir / "log").glob("*_service.*.log"))
    logs += list((stack.run_dir / "log").glob("gateway.*.log"))
    before = {log: log.stat().st_size for log in logs}
    request_id = new_id()

    customer.post(
        "/v1/orders", {"items": -1}, Idempotency_Key="k", X_Request_Id=request_id
    )

    def lines():
        new = b"".join(log.read_bytes()[before[log] :] for log in logs)
        found = [json.loads(each) for each in new.decode().splitlines()]
        mine = [each for each in found if each.get("request_id") == request_id]
        return sorted((each["service"], each["outcome"]) for each in mine)

    refused = [("gateway", "invalid"), ("order_service", "invalid")]
    eventually(lines, refused)
    assert b"Traceback" not in b"".join(log.read_bytes()[before[log] :] for log in logs)
