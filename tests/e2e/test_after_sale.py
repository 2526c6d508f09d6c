"""Orders once they are sold: sent by their shops, cancelled, paid back, looked into."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore, Thread

import pytest
import urllib3
from sqlalchemy import create_engine, text

from common.database import with_driver
from common.ids import new_id
from tests.client import eventually
from tests.e2e.conftest import put_on_shelf
from tests.e2e.recipes import product, shop

REASON = {"reason": "Changed my mind"}
PRICE = 450


@pytest.fixture(scope="module")
def shops(cast):
    return cast["seller A"], cast["seller B"]


@pytest.fixture
def sell(cast):
    """``sell(shop, pieces)``: a new product of this shop, so many on the shelf."""

    def make(seller, pieces):
        product_id = product(cast, seller)
        put_on_shelf(seller.client, product_id, pieces)
        return product_id

    return make


@pytest.fixture
def support(cast):
    return cast["support"].client


def placed(customer, items):
    got = customer.place(items)
    assert (got.status, got.body["status"]) == (201, "confirmed"), got.raw
    return got.body


def part_of(order, product_id):
    """Where the shop says how far its part is."""
    return next(
        f"/v1/fulfilments/{part['id']}"
        for part in order["fulfilments"]
        if product_id in [line["product_id"] for line in part["items"]]
    )


def on_hand(seller, product_id):
    return seller.client.get(f"/v1/products/{product_id}/inventory").body["on_hand"]


def money(pence):
    return {"amount": pence, "currency": "GBP"}


def refund(support, order, pence, **more):
    draft = {"amount": money(pence), "reason": "Broken on the way"} | more
    return support.post(f"/v1/orders/{order['id']}/refunds", draft)


def test_an_order_of_two_shops_is_sent_part_by_part(newcomer, shops, sell):
    mine, theirs = (sell(each, 2) for each in shops)
    order = placed(newcomer, {mine: 1, theirs: 1})
    paths = part_of(order, mine), part_of(order, theirs)

    def change(number, status, **more):
        answer = shops[number].client.patch(paths[number], {"status": status} | more)
        assert answer.status == 200, answer.raw
        return answer.body["order_status"]

    assert change(0, "shipped", tracking_number="JD0002") == "confirmed"
    assert change(1, "shipped") == "shipped"
    assert change(0, "delivered") == "shipped"
    assert change(1, "delivered") == "delivered"

    seen = newcomer.get(f"/v1/orders/{order['id']}").body
    assert seen["status"] == "delivered"
    numbers = {part["tracking_number"] for part in seen["fulfilments"]}
    assert numbers == {"JD0002", None}
    foreign = shops[1].client.patch(paths[0], {"status": "delivered"})
    assert (foreign.status, foreign.code) == (404, "fulfilment_not_found")
    again = shops[0].client.patch(paths[0], {"status": "shipped"})
    assert (again.status, again.code) == (409, "illegal_transition")
    assert again.body["details"] == {"from": "delivered", "to": "shipped"}


def test_what_is_cancelled_goes_back_to_the_shelf_and_the_money_home(
    newcomer, shops, sell
):
    product_id = sell(shops[0], 3)
    order = placed(newcomer, {product_id: 2})
    eventually(lambda: on_hand(shops[0], product_id), 1)
    path, key = f"/v1/orders/{order['id']}/cancellation", new_id()

    done = newcomer.post(path, REASON, Idempotency_Key=key)
    again = newcomer.post(path, REASON, Idempotency_Key=key)

    assert (done.status, done.body["status"]) == (201, "cancelled")
    assert done.headers["Location"] == f"/v1/orders/{order['id']}"
    assert (again.raw, again.headers["Idempotent-Replayed"]) == (done.raw, "true")
    seen = newcomer.get(f"/v1/orders/{order['id']}").body
    assert seen["payment"] == {"status": "refunded"}
    eventually(lambda: on_hand(shops[0], product_id), 3)
    late = shops[0].client.patch(part_of(order, product_id), {"status": "shipped"})
    assert (late.status, late.code) == (409, "illegal_transition")


def test_what_is_on_its_way_is_not_cancelled(newcomer, shops, sell):
    product_id = sell(shops[0], 1)
    order = placed(newcomer, {product_id: 1})
    shops[0].client.patch(part_of(order, product_id), {"status": "shipped"})

    late = newcomer.post(f"/v1/orders/{order['id']}/cancellation", REASON)

    assert (late.status, late.code) == (409, "too_late_to_cancel")


def test_support_gives_back_a_part_and_then_the_rest(newcomer, support, shops, sell):
    product_id = sell(shops[0], 2)
    order = placed(newcomer, {product_id: 2})
    shops[0].client.patch(part_of(order, product_id), {"status": "shipped"})
    eventually(lambda: on_hand(shops[0], product_id), 0)
    path, back = f"/v1/orders/{order['id']}", [{"product_id": product_id}]
    one, two = ([each | {"quantity": n} for each in back] for n in (1, 2))

    made = refund(support, order, PRICE, returned_items=one)
    assert (made.status, made.body["status"]) == (201, "done")
    assert made.headers["Location"] == path
    seen = newcomer.get(path).body
    assert (seen["status"], seen["payment"]["status"]) == (
        "shipped",
        "partially_refunded",
    )
    too_much = refund(support, order, PRICE + 1)
    assert (too_much.status, too_much.code) == (409, "refund_too_large")
    too_many = refund(support, order, 1, returned_items=two)
    assert (too_many.status, too_many.code) == (409, "return_too_large")

    assert refund(support, order, PRICE).status == 201
    seen = newcomer.get(path).body
    assert (seen["status"], seen["payment"]["status"]) == ("refunded", "refunded")
    eventually(lambda: on_hand(shops[0], product_id), 1)


def test_who_did_what_and_when_is_in_the_history(newcomer, support, shops, sell, cast):
    product_id = sell(shops[0], 1)
    order = placed(newcomer, {product_id: 1})
    part = part_of(order, product_id)
    shops[0].client.patch(part, {"status": "shipped", "tracking_number": "JD0002"})
    refund(support, order, 100)
    path = f"/v1/orders/{order['id']}/history"

    items = support.get(path).body["items"]

    who = [(each["event"], each["actor"]["role"]) for each in items]
    assert who == [
        ("order.placed", "customer"),
        ("order.confirmed", "system"),
        ("fulfilment.shipped", "seller"),
        ("order.shipped", "seller"),
        ("refund.requested", "support"),
        ("refund.done", "system"),
    ]
    assert items[2]["actor"]["id"] == shops[0].id
    assert items[2]["details"]["tracking_number"] == "JD0002"
    assert items[4]["details"]["amount"] == money(100)
    times = [each["at"] for each in items]
    assert times == sorted(times)
    told = newcomer.get(path).raw.decode()
    assert shops[0].id not in told
    assert cast["support"].id not in told


def test_support_reads_the_orders_of_a_customer_it_names(cast, support, shops, sell):
    customer = cast.another("customer")
    order = placed(customer.client, {sell(shops[0], 1): 1})

    listed = support.get(f"/v1/orders?customer_id={customer.id}").body["items"]

    assert [each["id"] for each in listed] == [order["id"]]
    assert support.get(f"/v1/orders/{order['id']}").body["id"] == order["id"]
    assert support.get("/v1/orders").status == 422
    foreign = cast["customer A"].client.get(f"/v1/orders?customer_id={customer.id}")
    assert (foreign.status, foreign.code) == (403, "role_required")


def test_a_shop_sees_what_it_sold_and_what_it_has_to_do(newcomer, cast, sell):
    seller, other = cast.another("seller"), cast["seller B"]
    mine, theirs = sell(seller, 9), sell(other, 9)
    orders = [placed(newcomer, {mine: 2, theirs: 1}) for _ in range(3)]
    newcomer.post(f"/v1/orders/{orders[0]['id']}/cancellation", REASON)
    seller.client.patch(part_of(orders[1], mine), {"status": "shipped"})
    path = f"/v1/sellers/{shop(cast, seller)}"

    first = seller.client.get(f"{path}/orders?limit=2").body
    second = seller.client.get(f"{path}/orders?limit=2&cursor={first['next']}").body
    board = seller.client.get(f"{path}/dashboard?days=7").body

    listed = first["items"] + second["items"]
    assert [each["id"] for each in listed] == [each["id"] for each in orders[::-1]]
    assert {each["total"]["amount"] for each in listed} == {2 * PRICE}
    assert theirs not in str(listed)
    assert listed[0]["shipping_address"]["city"] == "Leeds"
    cancelled = seller.client.get(f"{path}/orders?status=cancelled").body["items"]
    assert [each["id"] for each in cancelled] == [orders[0]["id"]]
    assert (board["open_orders"], board["units"]) == (1, 4)
    assert board["revenue"] == money(4 * PRICE)
    assert len(board["by_day"]) == 7
    assert sum(day["orders"] for day in board["by_day"]) == 2
    assert sum(day["revenue"]["amount"] for day in board["by_day"]) == 4 * PRICE


def test_of_cancelling_and_shipping_at_once_one_comes_first(newcomer, shops, sell):
    product_id = sell(shops[0], 12)
    orders = [placed(newcomer, {product_id: 1}) for _ in range(12)]

    def race(order):
        with ThreadPoolExecutor(2) as pool:
            cancelled = pool.submit(
                newcomer.post, f"/v1/orders/{order['id']}/cancellation", REASON
            )
            shipped = pool.submit(
                shops[0].client.patch,
                part_of(order, product_id),
                {"status": "shipped"},
            )
            return cancelled.result().status, shipped.result().status

    ends = {race(order) for order in orders}

    assert ends <= {(201, 409), (409, 200)}


def test_ten_refunds_at_once_give_back_no_more_than_was_paid(
    newcomer, support, shops, sell
):
    order = placed(newcomer, {sell(shops[0], 1): 1})

    with ThreadPoolExecutor(10) as pool:
        made = list(pool.map(lambda _: refund(support, order, 150), range(10)))

    assert sorted(each.status for each in made) == [201] * 3 + [409] * 7
    assert {each.code for each in made if each.status == 409} == {"refund_too_large"}
    seen = newcomer.get(f"/v1/orders/{order['id']}").body
    assert (seen["status"], seen["payment"]["status"]) == ("refunded", "refunded")


def test_a_service_killed_among_cancellations_pays_each_back_once(
    stack, newcomer, shops, sell
):
    product_id = sell(shops[0], 20)
    orders = [placed(newcomer, {product_id: 1}) for _ in range(20)]
    started = Semaphore(0)

    def until_cancelled(order):
        path, key = f"/v1/orders/{order['id']}/cancellation", new_id()

        def status():
            started.release()
            try:
                return newcomer.post(path, REASON, Idempotency_Key=key).status
            except urllib3.exceptions.HTTPError:
                return None

        eventually(status, 201, seconds=60)

    def kill():
        for _ in range(8):
            started.acquire()
        os.kill(stack.pid("order_service.1"), signal.SIGKILL)

    killer = Thread(target=kill)
    killer.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(until_cancelled, orders))
    killer.join()

    eventually(lambda: payments(newcomer, orders), {"refunded"}, seconds=60)
    eventually(lambda: on_hand(shops[0], product_id), 20, seconds=60)
    assert paid_back(stack, orders) == [(PRICE, 1)] * 20


def payments(customer, orders):
    seen = (customer.get(f"/v1/orders/{order['id']}") for order in orders)
    return {each.body["payment"]["status"] for each in seen if each.status == 200}


def paid_back(stack, orders):
    """What each card was given back, and in how many goes."""
    query = """
    SELECT refunded_minor, count(*) FROM sandbox_charges JOIN refunds USING (order_id)
    WHERE order_id = ANY (:ids) GROUP BY sandbox_charges.id
    """
    engine = create_engine(with_driver(stack.operator["ORDER_DB_URI"]))
    with engine.connect() as database:
        ids = [order["id"] for order in orders]
        found = database.execute(text(query), {"ids": ids}).all()
    engine.dispose()
    return [tuple(row) for row in found]
