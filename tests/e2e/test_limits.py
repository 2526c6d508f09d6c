"""Limits hold over both gateways, change while they run, and outlive Redis."""

import os
import signal
import time
from contextlib import contextmanager
from statistics import median

import consul
import pytest

from common import json
from common.ids import new_id
from tests.client import PASSWORD, Client, eventually

FOLDER = "shopnow/rate-limits/"
GRANT = {"grant_type": "refresh_token", "refresh_token": "unknown"}
CLIENTS = 16
# Two seconds, and a tenth for who is refused, on a machine that has time.
APPLIED_SECONDS, BACK_SECONDS = 20.0, 20.0
# Who finds Redis away waits for it once; all others are told at once.
LONGEST_SECONDS, USUAL_SECONDS = 5.0, 1.0


@pytest.fixture(scope="module")
def kv(stack):
    host, _, port = stack.operator["CONSUL_URI"].removeprefix("http://").partition(":")
    token = stack.operator["CONSUL_TOKEN"]
    return consul.Consul(host=host, port=int(port), token=token).kv


@pytest.fixture
def set_limit(kv):
    """``set_limit("refresh", quota=5, seconds=60)``; undone after the test."""
    yield lambda name, **numbers: kv.put(FOLDER + name, json.dumps(numbers).decode())
    kv.delete(FOLDER, recurse=True)


@pytest.fixture
def clients(stack):
    """As many connections as it takes to meet both gateways."""
    return [Client(stack.url) for _ in range(CLIENTS)]


def refresh(client):
    return client.post("/v1/auth/tokens", GRANT)


def policies(clients):
    return {refresh(client).headers["RateLimit-Policy"] for client in clients}


def test_numbers_change_in_every_process_while_they_run(clients, set_limit, kv):
    (configured,) = policies(clients)

    set_limit("refresh", quota=500, seconds=30)
    eventually(
        lambda: policies(clients), {'"refresh";q=500;w=30'}, seconds=APPLIED_SECONDS
    )

    kv.delete(FOLDER + "refresh")
    eventually(lambda: policies(clients), {configured}, seconds=APPLIED_SECONDS)


@pytest.mark.parametrize("wrong", ['{"quota": 0, "seconds": 60}', "{", "5", ""])
def test_numbers_that_make_no_sense_are_refused_in_one_line(
    stack, clients, set_limit, kv, wrong
):
    set_limit("refresh", quota=500, seconds=30)
    eventually(lambda: policies(clients), {'"refresh";q=500;w=30'})
    log = stack.run_dir / "log/gateway.1.log"
    before = log.read_text().count("refresh is not taken over")

    kv.put(FOLDER + "refresh", wrong)
    set_limit("reset", quota=100, seconds=60)

    eventually(lambda: log.read_text().count("refresh is not taken over"), before + 1)
    assert policies(clients) == {'"refresh";q=500;w=30'}


def test_a_client_has_one_quota_at_both_gateways(clients, set_limit):
    set_limit("refresh", quota=7, seconds=3600)
    policy = '"refresh";q=7;w=3600'
    # The first who hears of it counts already.
    passed = 0
    deadline = time.monotonic() + APPLIED_SECONDS
    while time.monotonic() < deadline:
        answers = [refresh(client) for client in clients]
        new = [got for got in answers if got.headers["RateLimit-Policy"] == policy]
        passed += sum(got.status == 401 for got in new)
        if len(new) == len(clients) and passed >= 7:
            break

    refused = refresh(clients[0])

    assert passed == 7
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert int(refused.headers["Retry-After"]) >= 1


def test_carrying_on_is_counted_apart_from_signing_in(stranger):
    grant = {"grant_type": "password", "email": "a@example.com", "password": "x"}
    malformed = [b"{", b"[]", b'"refresh_token"', b'{"grant_type": ["refresh_token"]}']

    assert '"refresh"' in refresh(stranger).headers["RateLimit"]
    for body in (grant, *malformed):
        got = stranger.post("/v1/auth/tokens", body, Content_Type="application/json")
        assert '"sign_in"' in got.headers["RateLimit"], body


@contextmanager
def frozen(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_without_redis_reads_go_on_and_nobody_signs_in(stack, clients, customer):
    email = f"{new_id()}@example.com"
    grant = {"grant_type": "password", "email": email, "password": PASSWORD}
    user = {"email": email, "password": PASSWORD, "full_name": "Ada Example"}
    closed = [
        ("/v1/users", user),
        ("/v1/auth/tokens", grant),
        ("/v1/auth/tokens", GRANT),
    ]

    with frozen(stack.pid("redis")):
        seconds = []
        for client in clients:
            assert client.get("/v1/categories").status == 200
            assert client.get("/v1/products?limit=1").status == 200
            for path, body in closed:
                started = time.monotonic()
                got = client.post(path, body)
                seconds.append(time.monotonic() - started)
                assert (got.status, got.code) == (503, "service_unavailable")
                assert got.headers["Retry-After"] == "1"
        assert customer.get("/v1/users/me").status == 200

    assert max(seconds) < LONGEST_SECONDS
    assert median(seconds) < USUAL_SECONDS
    eventually(
        lambda: {refresh(client).status for client in clients},
        {401},
        seconds=BACK_SECONDS,
    )
    assert clients[0].post("/v1/users", user).status == 201
