"""Who has bought a product says what they think of it, once."""

import pytest

from common.ids import new_id
from tests.client import eventually

REVIEW = {"rating": 4, "title": "Good", "text": "Does what it says."}


@pytest.fixture
def bought(seller, product):
    """``bought(buyer)``: a product that they have bought, and the shop knows it."""

    def buy(*buyers):
        product_id = product(stock=10)
        for buyer in buyers:
            assert buyer.place({product_id: 1}).status == 201
        path = f"/v1/products/{product_id}/inventory"
        eventually(lambda: seller.get(path).body["on_hand"], 10 - len(buyers))
        return product_id

    return buy


def reviews_of(client, product_id, query=""):
    return client.get(f"/v1/products/{product_id}/reviews{query}").body


def say(client, product_id, key=None, **changes):
    path = f"/v1/products/{product_id}/reviews"
    return client.post(path, REVIEW | changes, Idempotency_Key=key or new_id())


def test_anyone_reads_what_a_buyer_says_and_not_who_it_is(stranger, newcomer, bought):
    product_id = bought(newcomer)
    assert reviews_of(stranger, product_id) == {"items": [], "next": None}

    said = say(newcomer, product_id)

    assert said.status == 201
    assert set(said.body) == {"id", "product_id", *REVIEW, "created_at"}
    eventually(lambda: reviews_of(stranger, product_id)["items"], [said.body])


def test_there_is_one_review_by_each_buyer(newcomer, bought):
    product_id, key = bought(newcomer), new_id()
    first = say(newcomer, product_id, key)

    replayed = say(newcomer, product_id, key)
    again = say(newcomer, product_id, title="Once more")

    assert (replayed.status, replayed.body) == (201, first.body)
    assert replayed.headers["Idempotent-Replayed"] == "true"
    assert (again.status, again.code) == (409, "already_reviewed")


def test_who_has_not_bought_it_has_no_say(newcomer, customer, bought):
    product_id = bought(customer)

    refused = say(newcomer, product_id)

    assert (refused.status, refused.code) == (403, "not_a_buyer")


def test_nothing_is_said_of_what_is_not_there(newcomer):
    missing = new_id()

    assert say(newcomer, missing).code == "product_not_found"
    answer = newcomer.get(f"/v1/products/{missing}/reviews")
    assert (answer.status, answer.code) == (404, "product_not_found")


@pytest.mark.parametrize(
    "changes",
    [{"rating": 0}, {"rating": 6}, {"rating": 4.5}, {"title": ""}, {"author": "me"}],
)
def test_a_review_has_its_form(newcomer, product, changes):
    assert say(newcomer, product(), **changes).code == "invalid"


def test_the_newest_are_first_and_come_a_page_at_a_time(stranger, bought):
    buyers = [stranger.signed_up() for _ in range(3)]
    product_id = bought(*buyers)
    said = [say(buyer, product_id).body["id"] for buyer in buyers]

    eventually(lambda: len(reviews_of(stranger, product_id)["items"]), 3)
    first = reviews_of(stranger, product_id, "?limit=2")
    second = reviews_of(stranger, product_id, f"?limit=2&cursor={first['next']}")

    found = [review["id"] for review in first["items"] + second["items"]]
    assert (found, second["next"]) == (said[::-1], None)


def test_who_called_the_order_off_has_not_bought_it(newcomer, bought, seller):
    product_id = bought(newcomer)
    order_id = newcomer.get("/v1/orders").body["items"][0]["id"]
    path = f"/v1/orders/{order_id}/cancellation"
    assert newcomer.post(path, {"reason": "Changed my mind"}).status == 201
    shelf = f"/v1/products/{product_id}/inventory"
    eventually(lambda: seller.get(shelf).body["on_hand"], 10)

    assert say(newcomer, product_id).code == "not_a_buyer"


def test_what_somebody_said_goes_with_them(stranger, newcomer, bought):
    product_id = bought(newcomer)
    assert say(newcomer, product_id).status == 201

    assert newcomer.delete("/v1/users/me").status == 204

    eventually(lambda: reviews_of(stranger, product_id)["items"], [])
