"""Who closes their account is forgotten, by everybody, within a minute."""

from secrets import token_hex

import pytest

from common.ids import new_id
from tests.builders import ADDRESS
from tests.client import PASSWORD, eventually
from tests.stores import everything

SECONDS = 60


@pytest.fixture
def marks():
    """What is the person's own: none of it is anywhere else."""
    marks = {
        name: f"{name}-{new_id()}"
        for name in (
            "name",
            "city",
            "line1",
            "line2",
            "parcel",
            "shop",
            "about",
            "reason",
        )
    }
    marks |= {"phone": token_hex(15), "postal_code": token_hex(10)}
    return marks | {"email": f"{new_id()}@example.com"}


@pytest.fixture
def user(marks):
    return {
        "email": marks["email"],
        "password": PASSWORD,
        "full_name": marks["name"],
    }


@pytest.fixture
def person(stranger, user):
    signed_up = stranger.post("/v1/users", user, Idempotency_Key=new_id())
    assert signed_up.status == 201, signed_up.raw
    return stranger.signed_in(user["email"], PASSWORD)


@pytest.fixture
def full_life(person, marks, product):
    """All that a person can leave behind, and their orders' ids."""
    address = ADDRESS | {
        "full_name": marks["name"],
        **{name: marks[name] for name in ("line1", "line2", "city", "phone")},
        "postal_code": marks["postal_code"],
    }
    kept = person.post("/v1/users/me/addresses", address, Idempotency_Key=new_id())
    bought = product(stock=5)
    person.put(f"/v1/cart/items/{bought}", {"quantity": 1})
    shop = {"name": marks["shop"], "description": marks["about"]}
    person.post("/v1/sellers", shop, Idempotency_Key=new_id())
    ways = (
        ({"shipping_address_id": kept.body["id"]}, "tok_visa"),
        ({"shipping_address": address | {"line1": marks["parcel"]}}, "tok_visa"),
        ({"shipping_address": address}, "tok_declined"),
        ({"shipping_address": address}, "tok_timeout"),
    )
    orders = [placed(person, bought, token, **where) for where, token in ways]
    cancelled = person.post(
        f"/v1/orders/{orders[1].body['id']}/cancellation",
        {"reason": marks["reason"]},
        Idempotency_Key=new_id(),
    )
    assert cancelled.status == 201, cancelled.raw
    return orders


def placed(person, product_id, token, **where):
    draft = where | {
        "items": [{"product_id": product_id, "quantity": 1}],
        "payment": {"method": "card", "token": token},
    }
    return person.post("/v1/orders", draft, Idempotency_Key=new_id())


def left(stack, marks):
    held = everything(stack)
    return sorted(name for name, mark in marks.items() if mark in held)


def test_nothing_of_a_person_is_left_anywhere(stack, person, marks, full_life):
    assert [answer.status for answer in full_life] == [201, 201, 402, 202]
    # What is sealed cannot be found; what can is what this test would see stay.
    assert left(stack, marks) == ["about", "email", "name", "reason", "shop"]
    user_id = person.get("/v1/users/me").body["id"]

    assert person.delete("/v1/users/me").status == 204

    eventually(lambda: left(stack, marks), [], SECONDS)
    held = everything(stack)
    assert full_life[0].body["id"] in held
    assert f"cart:{user_id}" not in held


def test_who_is_gone_cannot_sign_in_and_may_come_again(stranger, person, user):
    assert person.delete("/v1/users/me").status == 204
    grant = {"grant_type": "password", **{k: user[k] for k in ("email", "password")}}

    eventually(lambda: person.get("/v1/users/me").status, 401, SECONDS)
    eventually(lambda: stranger.post("/v1/auth/tokens", grant).status, 401, SECONDS)
    assert stranger.post("/v1/auth/tokens", grant).code == "invalid_credentials"

    again = stranger.post("/v1/users", user)
    assert again.status == 201
    assert stranger.signed_in(user["email"], PASSWORD).get("/v1/cart").status == 200


def test_the_shop_of_who_is_gone_sells_nothing(stack, stranger, cast):
    seller = cast.another("seller")
    shop = next(
        each
        for each in stranger.get("/v1/sellers?limit=100").body["items"]
        if each["id"] == shop_of(seller)
    )
    category = stranger.get("/v1/categories").body["items"][0]["slug"]
    draft = {
        "sku": new_id(),
        "title": "Last mug",
        "category": category,
        "price": {"amount": 450, "currency": "GBP"},
    }
    product_id = seller.client.post("/v1/products", draft).body["id"]
    assert stranger.get(f"/v1/products/{product_id}").status == 200

    assert seller.client.delete("/v1/users/me").status == 204

    product = f"/v1/products/{product_id}"
    eventually(lambda: stranger.get(product).status, 404, SECONDS)
    eventually(
        lambda: stranger.get(f"/v1/sellers/{shop['id']}").body["status"],
        "closed",
        SECONDS,
    )


def shop_of(seller):
    return seller.client.get("/v1/users/me/export").body["shop"]["id"]
