"""Whatever the answer is, a browser is told to be careful with it."""

from urllib.parse import urlsplit

import pytest

from common.ids import new_id
from tests.conftest import SITE
from tests.e2e.test_rules import EACH, path_of
from tests.wire import Wire

ALWAYS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
FOREIGN = "https://evil.example"


def told(got):
    """What of it the answer says; names are as a client reads them."""
    headers = {name.lower(): value for name, value in got.headers.items()}
    return {name: headers.get(name.lower()) for name in ALWAYS}


def is_page(path):
    return path.startswith("/docs") or path == "/openapi.json"


@EACH
@pytest.mark.parametrize("method", ["its own", "HEAD", "OPTIONS", "TRACE"])
def test_every_route_says_it_whatever_it_answers(stranger, route, method):
    path = path_of(route)
    got = stranger.call(route.method if method == "its own" else method, path)

    if is_page(path):
        assert "frame-ancestors 'none'" in got.headers["Content-Security-Policy"]
        expected = ALWAYS | {
            "Content-Security-Policy": got.headers["Content-Security-Policy"]
        }
    else:
        expected = ALWAYS
    assert told(got) == expected
    assert "Strict-Transport-Security" not in got.headers


def test_unknown_paths_say_it(stranger):
    assert told(stranger.get("/v1/nothing")) == ALWAYS
    assert told(stranger.call("OPTIONS", "/v1/nothing")) == ALWAYS


def test_kept_and_unchanged_answers_say_it(stranger):
    first = stranger.get("/v1/categories")
    again = stranger.get("/v1/categories")
    unchanged = stranger.get("/v1/categories", If_None_Match=first.headers["ETag"])

    assert (again.raw, unchanged.status) == (first.raw, 304)
    assert [told(got) for got in (first, again, unchanged)] == [ALWAYS] * 3


def test_personal_answers_say_it(customer):
    assert told(customer.get("/v1/cart")) == ALWAYS


@pytest.mark.parametrize(
    "unreadable",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"BREW / HTTP/1.1\r\nHost: shop\r\n\r\n",
        b"GET /%ff HTTP/1.1\r\nHost: shop\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: shop\r\nA: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: shop\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 99999999\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
    ids=lambda request: repr(request[:20]),
)
def test_refusals_of_what_cannot_be_read_say_it(stack, unreadable):
    address = urlsplit(stack.url)
    with Wire((address.hostname, address.port)) as wire:
        got = wire.send(unreadable).hear()

    assert 400 <= got.status <= 501
    assert told(got) == ALWAYS


@pytest.mark.parametrize("path", ["/v1/categories", "/v1/cart", "/v1/nothing"])
def test_a_site_we_name_may_read_the_answer(stranger, path):
    for _ in range(2):
        got = stranger.get(path, Origin=SITE)
        assert got.headers["Access-Control-Allow-Origin"] == SITE
        assert "Access-Control-Allow-Credentials" not in got.headers
        assert "Origin" in got.headers["Vary"]


@pytest.mark.parametrize("origin", [FOREIGN, "null", f"{SITE}.evil.example", ""])
@pytest.mark.parametrize("path", ["/v1/categories", "/v1/cart", "/v1/nothing"])
def test_any_other_site_may_not(stranger, path, origin):
    got = stranger.get(path, Origin=origin)

    assert not [name for name in got.headers if name.startswith("Access-Control")]
    assert "Origin" in got.headers["Vary"]


@pytest.mark.parametrize(("origin", "may"), [(SITE, True), (FOREIGN, False)])
def test_only_a_site_we_name_is_told_what_it_may_send(stranger, origin, may):
    asked = {"Origin": origin, "Access_Control_Request_Method": "PUT"}
    got = stranger.call("OPTIONS", f"/v1/cart/items/{new_id()}", **asked)

    assert got.status == 204
    assert ("Access-Control-Allow-Methods" in got.headers) == may
