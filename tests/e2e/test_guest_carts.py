"""A guest's cart, from the first look to the order of a customer."""

import os
import re
import signal

import pytest

from common.ids import new_id
from tests.client import PASSWORD, Client, eventually

SET = "Set-Cookie"
AS_COOKIE = re.compile(r"shopnow_cart=([^;]*); (.*)")


@pytest.fixture
def guest(stack):
    """Somebody whom the shop has never seen."""
    return Client(stack.url)


@pytest.fixture
def account(stranger):
    email = f"{new_id()}@example.com"
    user = {"email": email, "password": PASSWORD, "full_name": "Ada Example"}
    assert stranger.post("/v1/users", user).status == 201
    return {"grant_type": "password", "email": email, "password": PASSWORD}


def put(client, product_id, quantity=1, **headers):
    path = f"/v1/cart/items/{product_id}"
    got = client.put(path, {"quantity": quantity}, **headers)
    assert got.status == 200, got.raw
    return got


def cookie(got):
    """Value and attributes."""
    return AS_COOKIE.fullmatch(got.headers[SET]).groups()


def pieces(got):
    assert got.status == 200, got.raw
    return {line["product_id"]: line["quantity"] for line in got.body["items"]}


def test_a_guest_who_only_looks_is_given_nothing(guest):
    got = guest.get("/v1/cart")

    assert (got.body["items"], got.body["version"]) == ([], 0)
    assert not {SET, "Cart-Token"} & set(got.headers)
    assert guest.delete("/v1/cart").status == 204


def test_a_guest_comes_again_by_cookie_or_by_header(guest, product):
    product_id = product(stock=5)

    got = put(guest, product_id, 2)

    token, attributes = cookie(got)
    assert got.headers["Cart-Token"] == token
    assert attributes == "Max-Age=2592000; Path=/v1; HttpOnly; SameSite=Lax"
    by_cookie = guest.get("/v1/cart", Cookie=f"a=b; shopnow_cart={token}; c=d")
    by_header = guest.get("/v1/cart", Cart_Token=token)
    assert pieces(by_cookie) == pieces(by_header) == {product_id: 2}
    assert by_cookie.headers["Cache-Control"] == "private, no-store"
    assert pieces(guest.get("/v1/cart")) == {}


def test_a_guests_cart_is_priced_live_and_tells_what_changed(guest, seller, product):
    product_id = product(stock=3)
    token = put(guest, product_id, 3).headers["Cart-Token"]

    gone = {"delta": -1, "reason": "loss"}
    path = f"/v1/products/{product_id}/inventory/adjustments"
    assert seller.post(path, gone, Idempotency_Key=new_id()).status == 201

    [line] = guest.get("/v1/cart", Cart_Token=token).body["items"]
    assert (line["changed"], line["available"]) == ("availability", 2)


def test_a_guest_takes_out_and_empties(guest, product):
    one, other = product(), product()
    token = put(guest, one).headers["Cart-Token"]
    put(guest, other, Cart_Token=token)

    path = f"/v1/cart/items/{one}"
    assert guest.delete(path, Cart_Token=token).status == 204
    assert pieces(guest.get("/v1/cart", Cart_Token=token)) == {other: 1}
    assert guest.delete("/v1/cart", Cart_Token=token).status == 204
    assert pieces(guest.get("/v1/cart", Cart_Token=token)) == {}


@pytest.mark.parametrize("token", ["x", "k1.AAAA", "a" * 255, "a" * 256, "%00"])
def test_a_forged_token_opens_nothing(guest, product, token):
    for given in ({"Cart_Token": token}, {"Cookie": f"shopnow_cart={token}"}):
        assert pieces(guest.get("/v1/cart", **given)) == {}
        assert put(guest, product(), **given).headers["Cart-Token"] != token


def test_who_signs_in_has_the_cart_in_their_own(guest, account, product):
    mine, both = product(stock=9), product(stock=9)
    customer = guest.signed_in(account["email"], PASSWORD)
    put(customer, both, 2)
    token, _ = cookie(put(guest, both, 1))
    put(guest, mine, 4, Cart_Token=token)

    got = guest.post("/v1/auth/tokens", account, Cookie=f"shopnow_cart={token}")

    assert got.status == 200
    assert cookie(got) == ("", "Max-Age=0; Path=/v1; HttpOnly; SameSite=Lax")
    assert pieces(customer.get("/v1/cart")) == {both: 3, mine: 4}
    assert pieces(guest.get("/v1/cart", Cart_Token=token)) == {}
    # And once: whoever signs in with the same again brings nothing.
    guest.post("/v1/auth/tokens", account, Cart_Token=token)
    assert pieces(customer.get("/v1/cart")) == {both: 3, mine: 4}


def test_a_sign_in_that_fails_leaves_the_cart(guest, account, product):
    product_id = product()
    token = put(guest, product_id).headers["Cart-Token"]

    wrong = account | {"password": "a wrong password"}
    got = guest.post("/v1/auth/tokens", wrong, Cookie=f"shopnow_cart={token}")

    assert (got.status, SET in got.headers) == (401, False)
    assert pieces(guest.get("/v1/cart", Cart_Token=token)) == {product_id: 1}


def test_the_first_look_takes_over_what_the_sign_in_could_not(guest, newcomer, product):
    product_id = product(stock=1)
    token, _ = cookie(put(guest, product_id))

    got = newcomer.get("/v1/cart", Cookie=f"shopnow_cart={token}")

    assert pieces(got) == {product_id: 1}
    assert cookie(got)[0] == ""
    placed = newcomer.place(None)
    assert placed.status == 201, placed.raw
    assert placed.body["items"][0]["product_id"] == product_id


def test_a_guest_orders_nothing(guest, product):
    product_id = product(stock=1)
    put(guest, product_id)

    assert guest.place(None).code == "token_required"


def test_a_bad_token_makes_nobody_a_guest(guest):
    got = guest.get("/v1/cart", Authorization="Bearer x.y.z")

    assert (got.status, got.code) == (401, "invalid_token")


def test_a_cart_outlives_a_redis_that_is_killed(stack, guest, product):
    product_id = product()
    token = put(guest, product_id, 7).headers["Cart-Token"]

    os.kill(stack.pid("redis"), signal.SIGKILL)

    def found():
        got = guest.get("/v1/cart", Cart_Token=token)
        return got.status == 200 and pieces(got)

    eventually(found, {product_id: 7}, seconds=60)
