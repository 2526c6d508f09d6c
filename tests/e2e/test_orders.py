"""Orders stay right when they are asked for twice, at once, or in vain."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from common.ids import new_id
from tests.client import eventually


def shelf(seller, product_id):
    return seller.get(f"/v1/products/{product_id}/inventory").body


def at_once(work, times):
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(lambda _: work(), range(times)))


def test_thirty_orders_for_ten_pieces_sell_exactly_ten(seller, customer, product):
    product_id = product(stock=10)

    answers = at_once(lambda: customer.place({product_id: 1}), 30)

    confirmed = [a for a in answers if a.status == 201]
    short = [a for a in answers if a.status == 409]
    assert (len(confirmed), len(short)) == (10, 20)
    assert all(a.code == "out_of_stock" for a in short)
    assert all(product_id in a.body["details"] for a in short)
    eventually(
        lambda: shelf(seller, product_id), {"on_hand": 0, "reserved": 0, "available": 0}
    )


def test_fifty_at_once_with_one_key_make_one_order_and_its_replays(
    seller, customer, product
):
    product_id, key = product(stock=50), new_id()

    def persist():
        answers = []
        eventually(
            lambda: (
                answers.append(customer.place({product_id: 1}, key=key))
                or answers[-1].status
            ),
            201,
            seconds=60,
        )
        return answers

    answers = at_once(persist, 50)

    asked_again = [answer for each in answers for answer in each[:-1]]
    assert {answer.code for answer in asked_again} <= {"request_in_progress"}
    assert all(answer.headers["Retry-After"] for answer in asked_again)
    ends = [each[-1] for each in answers]
    replays = [one for one in ends if "Idempotent-Replayed" in one.headers]
    assert (len(ends), len(replays)) == (50, 49)
    assert len({answer.raw for answer in ends}) == 1
    eventually(lambda: shelf(seller, product_id)["on_hand"], 49)


def test_one_key_is_one_order_for_each_customer(stranger, customer, product):
    product_id, key = product(stock=5), new_id()

    mine = customer.place({product_id: 1}, key=key)
    theirs = stranger.signed_up().place({product_id: 1}, key=key)

    assert mine.body["id"] != theirs.body["id"]


def test_a_key_does_not_fit_another_order(customer, product):
    product_id, key = product(stock=5), new_id()
    customer.place({product_id: 1}, key=key)

    other = customer.place({product_id: 2}, key=key)

    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_an_order_takes_all_of_its_lines_or_none(seller, customer, product):
    plenty, few = product(stock=10), product(stock=1)

    refused = customer.place({plenty: 2, few: 2})

    assert (refused.status, refused.code) == (409, "out_of_stock")
    assert list(refused.body["details"]) == [few]
    assert shelf(seller, plenty)["available"] == 10
    assert shelf(seller, few)["available"] == 1


@pytest.mark.parametrize(
    "token", ["tok_declined", "tok_insufficient_funds", "tok_what"]
)
def test_a_declined_payment_puts_the_stock_back(seller, customer, product, token):
    product_id, key = product(stock=3), new_id()

    declined = customer.place({product_id: 2}, key=key, token=token)
    again = customer.place({product_id: 2}, key=key, token=token)

    assert (declined.status, declined.code) == (402, "payment_declined")
    assert (again.status, again.headers["Idempotent-Replayed"]) == (402, "true")
    assert shelf(seller, product_id)["available"] == 3


def test_a_flaky_payment_is_tried_again_until_it_is_through(seller, customer, product):
    product_id = product(stock=3)

    placed = customer.place({product_id: 2}, token="tok_flaky")

    assert (placed.status, placed.body["status"]) == (202, "pending")
    location = placed.headers["Location"]
    eventually(lambda: customer.get(location).body["status"], "confirmed")
    eventually(lambda: shelf(seller, product_id)["on_hand"], 1)


def test_a_cart_is_not_bought_twice_while_its_order_is_pending(newcomer, product):
    product_id, key = product(stock=3), new_id()
    line = f"/v1/cart/items/{product_id}"
    assert newcomer.put(line, {"quantity": 1}).status == 200

    placed = newcomer.place(None, key=key, token="tok_flaky")
    again = newcomer.place(None)

    assert (placed.status, placed.headers["Retry-After"]) == (202, "1")
    assert (again.status, again.code) == (409, "cart_in_checkout")
    location = placed.headers["Location"]
    eventually(lambda: newcomer.get(location).body["status"], "confirmed")
    eventually(lambda: newcomer.get("/v1/cart").body["items"], [])
    assert len(newcomer.get("/v1/orders").body["items"]) == 1
    replayed = newcomer.place(None, key=key, token="tok_flaky")
    assert replayed.headers["Idempotent-Replayed"] == "true"


def test_a_payment_that_never_answers_ends_rejected_and_undone(
    seller, customer, product
):
    product_id = product(stock=3)

    placed = customer.place({product_id: 2}, token="tok_timeout")

    assert placed.status == 202
    location = placed.headers["Location"]
    eventually(lambda: customer.get(location).body["status"], "rejected", seconds=60)
    assert customer.get(location).body["payment"] == {"status": "voided"}
    assert shelf(seller, product_id) == {"on_hand": 3, "reserved": 0, "available": 3}


def test_an_order_of_many_lines_goes_through(seller, customer, product):
    with ThreadPoolExecutor(8) as pool:
        products = list(pool.map(lambda _: product(stock=3000), range(60)))

    placed = customer.place(dict.fromkeys(products, 3000))

    assert placed.status == 201
    assert placed.body["total"]["amount"] == 60 * 3000 * 450
    eventually(lambda: shelf(seller, products[-1])["on_hand"], 0)


def test_another_customers_order_does_not_exist(stranger, customer, product):
    placed = customer.place({product(stock=1): 1})

    foreign = stranger.signed_up().get(placed.headers["Location"])

    assert (foreign.status, foreign.code) == (404, "order_not_found")


def test_orders_are_listed_a_page_at_a_time(newcomer, product):
    product_id = product(stock=3)
    ids = [newcomer.place({product_id: 1}).body["id"] for _ in range(3)]

    first = newcomer.get("/v1/orders?limit=2").body
    second = newcomer.get(f"/v1/orders?limit=2&cursor={first['next']}").body

    assert [o["id"] for o in first["items"] + second["items"]] == ids[::-1]
    assert second["next"] is None
    assert newcomer.get("/v1/orders?status=rejected").body["items"] == []
