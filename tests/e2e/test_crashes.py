"""Processes are killed in the middle of orders, and nothing is lost or done twice."""

import json
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3
from kombu import Connection
from sqlalchemy import create_engine, text

from common.database import with_driver
from common.ids import new_id
from tests.client import PASSWORD, eventually
from tests.stores import untold

ORDERS = 60
STOCK = 40
AGE = """
UPDATE profiles SET created_at = created_at - interval '1 minute' WHERE email = :email
"""


def until_answered(customer, product_id, key):
    """Send one order again until it has an end, as a good client does."""
    outcome = {}

    def done():
        try:
            answer = customer.place({product_id: 1}, key=key)
        except urllib3.exceptions.HTTPError:
            return False
        outcome["answer"] = answer
        waiting = answer.status in (202, 503) or (
            answer.status == 409 and answer.code == "request_in_progress"
        )
        return not waiting

    eventually(done, True, seconds=60)
    return outcome["answer"]


@pytest.mark.parametrize("victim", ["order_service.1", "product_service.1"])
def test_a_service_killed_among_orders_loses_and_doubles_nothing(
    stack, seller, newcomer, product, victim
):
    product_id = product(stock=STOCK)
    started, killed = threading.Semaphore(0), []

    def order(_):
        started.release()
        return until_answered(newcomer, product_id, new_id())

    def kill():
        for _ in range(3):
            for _ in range(10):
                started.acquire()
            killed.append(stack.pid(victim))
            os.kill(killed[-1], signal.SIGKILL)
            eventually(lambda: stack.pid(victim) not in killed, True, seconds=30)

    killer = threading.Thread(target=kill)
    killer.start()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(order, range(ORDERS)))
    killer.join()

    assert len(killed) == 3
    confirmed = {answer.body["id"] for answer in answers if answer.status == 201}
    refused = [answer.code for answer in answers if answer.status != 201]
    assert len(confirmed) == STOCK
    assert refused == ["out_of_stock"] * (ORDERS - STOCK)
    eventually(
        lambda: seller.get(f"/v1/products/{product_id}/inventory").body,
        {"on_hand": 0, "reserved": 0, "available": 0},
        seconds=60,
    )
    listed = newcomer.get("/v1/orders?limit=100&status=confirmed").body["items"]
    assert {one["id"] for one in listed} == confirmed


def test_who_could_not_get_an_account_is_not_kept(stack, stranger, admin):
    user = {"email": f"{new_id()}@example.com", "password": PASSWORD}
    user["full_name"] = "Ada Example"
    engine = create_engine(with_driver(stack.operator["USER_DB_URI"]))

    def profiles(query):
        with engine.begin() as database:
            return database.execute(text(query), {"email": user["email"]}).rowcount

    def listed():
        found = admin.get("/v1/users?limit=100").body["items"]
        return [one["id"] for one in found if one["email"] == user["email"]]

    pid = stack.pid("auth_service.1")
    os.kill(pid, signal.SIGSTOP)
    try:
        assert stranger.post("/v1/users", user).status == 503
    finally:
        # Were it to go on, it might just be in time to make the account.
        os.kill(pid, signal.SIGKILL)

    assert listed() == []
    assert profiles(AGE) == 1
    eventually(lambda: profiles("SELECT FROM profiles WHERE email = :email"), 0, 60)
    made = until(lambda: stranger.post("/v1/users", user))
    assert listed() == [made["id"]]
    engine.dispose()


def until(sign_up):
    """The person, once the circuit is closed again."""
    answers = []
    eventually(lambda: answers.append(sign_up()) or answers[-1].status, 201)
    return answers[-1].body


def heard_versions(stack, queue):
    """``{product_id: versions}`` of all that was told, in the order of the telling."""
    found = {}
    with Connection(stack.operator["AMQP_URI"]) as connection:
        channel = connection.default_channel
        while message := channel.basic_get(queue, no_ack=True):
            data = json.loads(message.body)["data"]
            found.setdefault(data["product_id"], []).append(data["version"])
    return found


@pytest.fixture
def listening(stack):
    """The name of a queue that hears all that is told of products."""
    name = f"test-{new_id()}"
    with Connection(stack.operator["AMQP_URI"]) as connection:
        channel = connection.default_channel
        channel.queue_declare(name, durable=True, auto_delete=False)
        for event in ("created", "changed", "archived"):
            channel.queue_bind(name, "product_service.events", f"product.{event}")
        yield name
        channel.queue_delete(name)


def test_a_service_killed_among_changes_tells_all_of_them(
    stack, seller, product, listening
):
    ids, killed = [product() for _ in range(4)], []

    def change(product_id):
        path, done = f"/v1/products/{product_id}", 1
        while done < 20:
            try:
                tag = seller.get(path).headers.get("ETag", "")
                got = seller.patch(path, {"title": f"No. {done}"}, If_Match=tag)
            except urllib3.exceptions.HTTPError:
                continue
            done = got.body["version"] if got.status == 200 else done
        return done

    def kill():
        for _ in range(3):
            killed.append(stack.pid("product_service.1"))
            os.kill(killed[-1], signal.SIGKILL)
            eventually(
                lambda: stack.pid("product_service.1") not in killed, True, seconds=30
            )

    with ThreadPoolExecutor(5) as pool:
        killing = pool.submit(kill)
        versions = dict(zip(ids, pool.map(change, ids), strict=True))
        killing.result()
    eventually(lambda: untold(stack.operator["PRODUCT_MONGO_URI"]), 0, seconds=60)

    heard = heard_versions(stack, listening)
    for product_id, last in versions.items():
        # Twice perhaps, but in their order and none left out.
        assert list(dict.fromkeys(heard[product_id])) == list(range(1, last + 1))
