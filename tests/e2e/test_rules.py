"""The rules of the contract hold on every route of the table."""

import gzip
import json
import re
from inspect import getmembers

import pytest

from common.ids import new_id
from gateway.http import HttpEntrypoint
from gateway.service import GatewayService

ROUTES = [
    entrypoint.route
    for _, method in getmembers(GatewayService)
    for entrypoint in getattr(method, "nameko_entrypoints", ())
    if isinstance(entrypoint, HttpEntrypoint)
]
READS = [route for route in ROUTES if route.method == "GET"]
PUBLIC = [
    "/healthz",
    "/openapi.json",
    "/docs",
    "/docs/docs.js",
    "/.well-known/jwks.json",
    "/v1/categories",
    "/v1/products?limit=5",
    "/v1/sellers",
]


def named(route):
    return f"{route.method} {route.path}"


def path_of(route):
    path = route.path.replace("{name}", "docs.js")
    return re.sub(r"{\w+_id}", lambda _: new_id(), path)


EACH = pytest.mark.parametrize("route", ROUTES, ids=named)
EACH_READ = pytest.mark.parametrize("route", READS, ids=named)


@EACH
def test_every_answer_can_be_found_again_and_is_safe(stranger, route):
    trace = f"00-{'1' * 32}-{'2' * 16}-01"
    got = stranger.call(
        route.method, path_of(route), X_Request_Id="r1", traceparent=trace
    )

    assert got.status < 500, got.raw
    assert got.headers["X-Request-Id"] == "r1"
    # The same trace; the span is our own, where the shop was asked.
    assert got.headers["traceparent"].split("-")[1] == trace.split("-")[1]
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Cache-Control"]


@EACH
def test_every_path_tells_its_methods(stranger, route):
    got = stranger.call("OPTIONS", path_of(route))

    assert (got.status, got.raw) == (204, b"")
    assert {route.method, "OPTIONS"} <= set(got.headers["Allow"].split(", "))


@EACH
def test_every_path_refuses_other_methods(stranger, route):
    got = stranger.call("TRACE", path_of(route))

    assert (got.status, got.code) == (405, "method_not_allowed")
    assert route.method in got.headers["Allow"]


@EACH
def test_what_is_counted_is_told(stranger, route):
    got = stranger.call(route.method, path_of(route))

    assert ("RateLimit" in got.headers) == (route.limit != "never")
    assert ("RateLimit-Policy" in got.headers) == (route.limit != "never")


@EACH_READ
def test_head_is_get_without_a_body(stranger, route):
    path = path_of(route)
    whole, head = stranger.get(path), stranger.call("HEAD", path)

    assert (head.status, head.raw) == (whole.status, b"")
    assert head.headers["Content-Type"] == whole.headers["Content-Type"]


@EACH_READ
def test_every_read_can_be_refused_by_its_media_type(stranger, route):
    got = stranger.get(path_of(route), Accept="text/csv")

    assert got.status == (406 if route.media_type != "*/*" else 200)


@pytest.mark.parametrize("path", PUBLIC)
def test_what_has_not_changed_is_not_sent_again(stranger, path):
    tag = stranger.get(path).headers["ETag"]

    got = stranger.get(path, If_None_Match=f'"x", W/{tag}')

    assert (got.status, got.raw, got.headers["ETag"]) == (304, b"", tag)


@pytest.mark.parametrize("path", ["/v1/users/me", "/v1/cart", "/v1/orders"])
def test_what_is_personal_has_a_tag_and_is_not_for_caches(customer, path):
    got = customer.get(path)

    assert got.headers["Cache-Control"] == "private, no-store"
    again = customer.get(path, If_None_Match=got.headers["ETag"])
    assert again.status == 304


def test_tokens_have_no_tag(stack, stranger):
    account = stack.demo_accounts[0]
    grant = {"grant_type": "password"} | {
        name: account[name] for name in ("email", "password")
    }
    got = stranger.post("/v1/auth/tokens", grant, Accept_Encoding="gzip")

    assert got.status == 200
    assert not {"ETag", "Content-Encoding"} & set(got.headers)


@pytest.mark.parametrize("path", ["/v1/products?limit=20", "/openapi.json"])
@pytest.mark.parametrize("asked", [1, 2], ids=["made", "ready"])
def test_large_json_is_compressed_for_those_who_take_it(stranger, path, asked):
    plain = stranger.get(path, Accept_Encoding="gzip;q=0")
    for _ in range(asked):
        got = stranger.pool.request(
            "GET",
            stranger.url + path,
            headers={"Accept-Encoding": "gzip"},
            decode_content=False,
        )

    assert got.headers["Content-Encoding"] == "gzip"
    assert got.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding, Origin"
    assert json.loads(gzip.decompress(got.data)) == plain.body
    assert got.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
def test_an_unknown_path_is_a_problem(stranger, method):
    got = stranger.call(method, "/v1/nothing")

    assert (got.status, got.code) == (404, "not_found")


def test_other_sites_are_told_nothing(stranger):
    got = stranger.get("/v1/products", Origin="https://evil.example")

    assert "Access-Control-Allow-Origin" not in got.headers


class TestPreconditions:
    @pytest.fixture
    def shop(self, stranger):
        applied = stranger.signed_up().post("/v1/sellers", {"name": "Grace's"})
        assert applied.status == 201
        return applied

    def test_a_shop_is_changed_by_who_has_read_it(self, admin, shop):
        path, tag = shop.headers["Location"], shop.headers["ETag"]
        assert admin.get(path).headers["ETag"] == tag

        got = admin.patch(path, {"status": "active"}, If_Match=tag)

        assert (got.status, got.body["status"]) == (200, "active")
        assert got.headers["ETag"] == admin.get(path).headers["ETag"] != tag

    def test_who_has_not_read_it_is_asked_to(self, admin, shop):
        got = admin.patch(shop.headers["Location"], {"status": "active"})

        assert (got.status, got.code) == (428, "if_match_required")

    @pytest.mark.parametrize("tag", ['"nonsense"', "W/{}"])
    def test_a_tag_that_cannot_be_right_is_stale(self, admin, shop, tag):
        tag = tag.format(shop.headers["ETag"])

        got = admin.patch(shop.headers["Location"], {"status": "active"}, If_Match=tag)

        assert (got.status, got.code) == (412, "stale")

    def test_of_two_who_change_it_at_once_one_is_told(self, admin, shop):
        path, tag = shop.headers["Location"], shop.headers["ETag"]
        admin.patch(path, {"status": "active"}, If_Match=tag)

        got = admin.patch(path, {"status": "suspended"}, If_Match=tag)

        assert (got.status, got.code) == (412, "stale")
        assert admin.get(path).body["status"] == "active"
