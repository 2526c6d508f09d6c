"""Only the sites we name may use the shop from a browser."""

import pytest

from gateway.cors import Cors, origins_in

SHOP = "https://shop.example"
CORS = Cors([SHOP])


def test_a_site_we_name_may_read_the_answer():
    assert CORS.headers(SHOP)["Access-Control-Allow-Origin"] == SHOP
    assert CORS.vary == "Origin"


@pytest.mark.parametrize(
    "origin",
    ["", "*", "null", "http://shop.example", f"{SHOP}.evil.example", f"{SHOP}:8443"],
)
def test_any_other_site_may_not(origin):
    assert CORS.headers(origin) == {}
    assert CORS.preflight(origin, "GET", ["GET"]) == {}


def test_a_page_that_asks_before_is_told_the_methods():
    told = CORS.preflight(SHOP, "POST", ["POST", "GET"])

    assert told["Access-Control-Allow-Methods"] == "GET, POST"
    assert "Idempotency-Key" in told["Access-Control-Allow-Headers"]


def test_no_answer_allows_credentials():
    told = CORS.headers(SHOP) | CORS.preflight(SHOP, "POST", ["POST"])

    assert "Access-Control-Allow-Credentials" not in told


def test_without_origins_nobody_may():
    assert Cors([]).headers(SHOP) == {}
    assert Cors([]).vary == ""


def test_a_wildcard_names_nobody():
    assert origins_in(f"*, {SHOP} https://b.example") == [SHOP, "https://b.example"]
