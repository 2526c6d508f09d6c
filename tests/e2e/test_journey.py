"""From signing up to reading the order back, over REST alone."""

from concurrent.futures import ThreadPoolExecutor

import jwt

from common.ids import new_id
from tests.client import PASSWORD, eventually


def shelf(seller, product_id):
    return seller.get(f"/v1/products/{product_id}/inventory").body


def test_a_new_seller_sells_to_a_new_customer(stranger, admin):
    email = f"{new_id()}@example.com"
    person = {"email": email, "password": PASSWORD, "full_name": "Grace Example"}
    assert stranger.post("/v1/users", person).status == 201
    applicant = stranger.signed_in(email, PASSWORD)

    applied = applicant.post("/v1/sellers", {"name": "Grace's", "description": "Mugs"})
    assert (applied.status, applied.body["status"]) == (201, "pending")
    shop = applied.headers["Location"]
    assert admin.change(shop, {"status": "active"}).body["status"] == "active"

    seller = stranger.signed_in(email, PASSWORD)
    word = new_id().replace("-", "")
    offered = seller.post(
        "/v1/products",
        {
            "sku": "MUG-1",
            "title": f"Mug {word}",
            "description": "Holds tea.",
            "category": seller.get("/v1/categories").body["items"][0]["slug"],
            "price": {"amount": 255, "currency": "GBP"},
            "status": "active",
        },
    )
    assert offered.status == 201
    product_id = offered.body["id"]
    adjustments = f"/v1/products/{product_id}/inventory/adjustments"
    delivery = {"delta": 10, "reason": "delivery"}
    assert seller.post(adjustments, delivery, Idempotency_Key="d1").status == 201

    customer = stranger.signed_up()
    found = customer.get(f"/v1/products?q={word}").body["items"]
    assert [product["id"] for product in found] == [product_id]
    cart = customer.put(f"/v1/cart/items/{product_id}", {"quantity": 4}).body
    assert cart["total"] == {"amount": 4 * 255, "currency": "GBP"}

    placed = customer.place(None)
    assert (placed.status, placed.body["status"]) == (201, "confirmed")
    assert placed.body["total"] == cart["total"]
    assert customer.get("/v1/cart").body["items"] == []

    assert customer.get(placed.headers["Location"]).body == placed.body
    assert customer.get("/v1/orders").body == {"items": [placed.body], "next": None}
    eventually(
        lambda: shelf(seller, product_id), {"on_hand": 6, "reserved": 0, "available": 6}
    )


def test_tokens_are_signed_with_a_published_key(stranger, customer):
    keys = stranger.get("/.well-known/jwks.json").body["keys"]
    header = jwt.get_unverified_header(customer.token)

    key = next(key for key in keys if key["kid"] == header["kid"])
    claims = jwt.decode(
        customer.token, jwt.PyJWK(key).key, algorithms=["ES256"], audience="shopnow"
    )

    assert header["typ"] == "at+jwt"
    assert set(claims) == {
        "iss", "aud", "sub", "sid", "roles", "iat", "nbf", "exp", "jti",
    }  # fmt: skip
    assert not any("d" in key for key in keys), "a private key was published"


def a_refresh_token(stranger):
    email = f"{new_id()}@example.com"
    person = {"email": email, "password": PASSWORD, "full_name": "Ada"}
    stranger.post("/v1/users", person)
    grant = {"grant_type": "password", "email": email, "password": PASSWORD}
    return stranger.post("/v1/auth/tokens", grant).body["refresh_token"]


def refresh(stranger, token):
    grant = {"grant_type": "refresh_token", "refresh_token": token}
    return stranger.post("/v1/auth/tokens", grant)


def test_a_refresh_token_works_once(stranger):
    first = a_refresh_token(stranger)
    second = refresh(stranger, first).body["refresh_token"]
    third = refresh(stranger, second).body["refresh_token"]

    reused = refresh(stranger, first)

    assert (reused.status, reused.code) == (401, "refresh_token_reused")
    assert refresh(stranger, third).code == "invalid_refresh_token"


def test_a_refresh_token_sent_many_times_at_once_has_one_successor(stranger):
    token = a_refresh_token(stranger)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: refresh(stranger, token), range(16)))

    assert [answer.status for answer in answers] == [200] * 16
    assert len({answer.body["refresh_token"] for answer in answers}) == 1


def test_a_shop_that_is_not_active_sells_nothing(stranger, admin):
    email = f"{new_id()}@example.com"
    person = {"email": email, "password": PASSWORD, "full_name": "Grace Example"}
    stranger.post("/v1/users", person)
    applied = stranger.signed_in(email, PASSWORD).post("/v1/sellers", {"name": "G"})
    shop = applied.headers["Location"]
    admin.change(shop, {"status": "active"})
    seller = stranger.signed_in(email, PASSWORD)
    draft = {
        "sku": "MUG-1",
        "title": "Mug",
        "category": seller.get("/v1/categories").body["items"][0]["slug"],
        "price": {"amount": 255, "currency": "GBP"},
    }
    product_id = seller.post("/v1/products", draft).body["id"]
    path = f"/v1/products/{product_id}"
    seller.post(
        f"{path}/inventory/adjustments",
        {"delta": 5, "reason": "delivery"},
        Idempotency_Key="d1",
    )
    customer = stranger.signed_up()

    admin.change(shop, {"status": "suspended"})

    eventually(lambda: seller.get("/v1/users/me").status, 401)
    seller = stranger.signed_in(email, PASSWORD)
    assert seller.post("/v1/products", draft | {"sku": "MUG-2"}).status == 403
    assert customer.get(path).status == 404
    assert customer.place({product_id: 1}).code == "product_not_for_sale"
    listed = customer.get(f"/v1/products?seller_id={applied.body['id']}").body["items"]
    assert listed == []

    admin.change(shop, {"status": "active"})

    assert customer.place({product_id: 1}).status == 201


def test_the_demo_shop_can_be_browsed_to_its_last_page(stranger):
    path, seen = "/v1/products?limit=100", []
    while path:
        page = stranger.get(path).body
        seen += [product["id"] for product in page["items"]]
        after = page["next"]
        path = f"/v1/products?limit=100&cursor={after}" if after else None

    assert len(seen) == len(set(seen)) >= 200


def test_prices_sort_both_ways_and_filter(stranger):
    def prices(query):
        found = stranger.get(f"/v1/products?limit=50&{query}").body["items"]
        return [product["price"]["amount"] for product in found]

    assert prices("sort=price") == sorted(prices("sort=price"))
    assert prices("sort=-price") == sorted(prices("sort=-price"), reverse=True)
    assert all(1000 <= p <= 2000 for p in prices("min_price=1000&max_price=2000"))


def test_an_adjustment_is_made_once_per_key(seller, product):
    path = f"/v1/products/{product()}/inventory/adjustments"
    delivery, key = {"delta": 5, "reason": "delivery"}, new_id()

    first = seller.post(path, delivery, Idempotency_Key=key)
    again = seller.post(path, delivery, Idempotency_Key=key)
    other = seller.post(path, delivery | {"delta": 6}, Idempotency_Key=key)

    assert first.body["on_hand"] == 5
    assert first.body["movement_id"]
    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_stock_never_falls_below_zero(seller, product):
    path = f"/v1/products/{product(stock=3)}/inventory/adjustments"

    refused = seller.post(
        path, {"delta": -4, "reason": "loss"}, Idempotency_Key=new_id()
    )

    assert (refused.status, refused.code) == (409, "insufficient_stock")


def test_a_cart_tells_what_changed(seller, customer, product):
    product_id = product(stock=2)

    cart = customer.put(f"/v1/cart/items/{product_id}", {"quantity": 3}).body

    line = next(one for one in cart["items"] if one["product_id"] == product_id)
    assert line["changed"] == "availability"
    assert customer.delete(f"/v1/cart/items/{product_id}").status == 204
    assert customer.delete("/v1/cart").status == 204
    assert customer.get("/v1/cart").body["items"] == []
