"""Public reads are fast because they are kept, and right all the same."""

import socket
import time
from urllib.parse import urlsplit

import pytest

from common.ids import new_id
from tests.client import Client
from tests.e2e.conftest import put_on_shelf

# What is announced is seen within a tenth of a second; where the machine is slow, it
# is tried again, and it does not always take as long as forgetting does.
SOON, TRIES = 1.0, 5
# What nobody announces is forgotten by itself.
FRESH = 2.0


def available(client, product_id):
    return client.get(f"/v1/products/{product_id}").body["available"]


def seconds_until(read, expected):
    started = time.monotonic()
    while read() != expected:
        assert time.monotonic() - started < 10 * FRESH
        time.sleep(0.005)
    return time.monotonic() - started


def test_what_is_kept_is_served_again(stranger, product):
    path = f"/v1/products/{product()}"
    first, second = stranger.get(path), stranger.get(path)

    assert first.raw == second.raw
    assert first.headers["ETag"] == second.headers["ETag"]
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


def test_a_change_is_seen_soon(stranger, seller, product):
    product_id = product(stock=1)
    clients = [Client(stranger.url) for _ in range(8)]

    def seen(client):
        before = available(client, product_id)
        put_on_shelf(seller, product_id, 1)
        return seconds_until(lambda: available(client, product_id), before + 1)

    for client in clients:
        assert any(seen(client) < SOON for _ in range(TRIES))


def test_a_list_is_forgotten_with_what_it_lists(stranger, seller, product):
    word = new_id().replace("-", "")
    product_id = product(stock=1, title=f"Mug {word}")

    def listed():
        items = stranger.get(f"/v1/products?q={word}").body["items"]
        return [item["available"] for item in items]

    def seen(pieces):
        put_on_shelf(seller, product_id, 1)
        return seconds_until(listed, [pieces])

    seconds_until(listed, [1])
    assert any(seen(pieces) < SOON for pieces in range(2, 2 + TRIES))


def test_what_is_missing_is_told_under_each_name(stranger):
    path = f"/v1/products/{new_id()}"

    answers = [stranger.get(path, X_Request_Id=f"r{n}") for n in range(3)]

    assert [got.status for got in answers] == [404] * 3
    assert [got.body["request_id"] for got in answers] == ["r0", "r1", "r2"]
    assert all(got.body["instance"] == path for got in answers)


def test_a_draft_stays_its_sellers_secret(stranger, seller, product):
    path = f"/v1/products/{product(status='draft')}"

    for _ in range(5):
        own = seller.get(path)
        assert (own.status, stranger.get(path).status) == (200, 404)
        assert own.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_many_on_one_connection_are_answered_in_turn(stack, product, method):
    product_id = product()
    Client(stack.url).get(f"/v1/products/{product_id}")
    address = urlsplit(stack.url)
    asked = "".join(
        f"{method} /v1/products/{product_id} HTTP/1.1\r\nHost: shop\r\n"
        f"X-Request-Id: r{n}-\r\n{'Connection: close' if n == 19 else 'A: b'}\r\n\r\n"
        for n in range(20)
    )
    with socket.create_connection((address.hostname, address.port), 10) as connection:
        connection.sendall(asked.encode())
        said = b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    places = [said.index(f"X-Request-Id: r{n}-\r\n") for n in range(20)]
    assert places == sorted(places)
