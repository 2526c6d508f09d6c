"""Who comes in a crowd, or twice at once, takes nothing from anybody else."""

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from threading import Barrier
from urllib.parse import urlsplit

import psutil
import pytest

from common.ids import new_id
from tests.client import PASSWORD, Client, eventually
from tests.wire import Wire

SIGN_INS = 100
PEOPLE = 20
ROUNDS = 50
# As many connections as it takes to be sure to meet both gateways.
CONNECTIONS = 64
# On a machine that is busy with other things, some wait in vain.
SURPLUS = {(429, "too_many_sign_ins"), (503, "deadline_exceeded")}
READS = ("/v1/products?limit=20", "/healthz", "/v1/categories", "/v1/sellers")


@pytest.fixture
def newcomers(stranger):
    """How some new people sign in."""
    grants = []
    for _ in range(PEOPLE):
        email = f"{new_id()}@example.com"
        person = {"email": email, "password": PASSWORD, "full_name": "Ada Example"}
        assert stranger.post("/v1/users", person).status == 201
        grant = {"grant_type": "password", "email": email, "password": PASSWORD}
        grants.append(grant)
    return grants


def test_a_hundred_sign_ins_keep_no_reader_waiting(stack, newcomers):
    crowd = [Client(stack.url) for _ in range(SIGN_INS)]
    reader, paths = Client(stack.url), cycle(READS)
    together, reads = Barrier(SIGN_INS + 1), []

    def sign_in(client, grant):
        together.wait()
        return client.post("/v1/auth/tokens", grant)

    with ThreadPoolExecutor(SIGN_INS) as pool:
        storm = [
            pool.submit(sign_in, client, grant)
            for client, grant in zip(crowd, cycle(newcomers), strict=False)
        ]
        together.wait()
        while not all(each.done() for each in storm):
            reads.append(reader.get(next(paths)).status)

    answers = [each.result() for each in storm]
    surplus = [answer for answer in answers if answer.status != 200]
    assert set(reads) == {200}
    assert 0 < len(surplus) < SIGN_INS
    assert {(answer.status, answer.code) for answer in surplus} <= SURPLUS
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in surplus)


def test_of_two_who_carry_on_at_once_there_is_one_session(stranger, newcomers):
    pair = stranger.post("/v1/auth/tokens", newcomers[0]).body
    for _ in range(ROUNDS):
        grant = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}
        together = Barrier(2)

        def carry_on(_, grant=grant, together=together):
            together.wait()
            return stranger.post("/v1/auth/tokens", grant)

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(carry_on, range(2)))

        pairs = [answer.body for answer in answers if answer.status == 200]
        assert len({pair["refresh_token"] for pair in pairs}) == 1
        pair = pairs[0]


@pytest.fixture
def connections(stack):
    """One connection to each process of the gateway."""
    address = urlsplit(stack.url)
    wires = [Wire((address.hostname, address.port)) for _ in range(CONNECTIONS)]
    ours = {wire.sock.getsockname()[1]: wire for wire in wires}
    met = {pid: wire for pid in gateways(stack) for wire in held_by(pid, ours)}
    yield met
    for wire in wires:
        wire.sock.close()


def gateways(stack):
    running = stack.state.services
    return [int(each["pid"]) for each in running if each["name"].startswith("gateway.")]


def held_by(pid, ours):
    held = psutil.Process(pid).net_connections("tcp")
    return [
        ours[each.raddr.port] for each in held if each.raddr and each.raddr.port in ours
    ]


def test_each_process_knows_of_a_sign_out_soon(stack, connections):
    me = Client(stack.url).signed_up()
    assert len(connections) == len(gateways(stack)) > 1

    def told():
        header = f"Authorization: Bearer {me.token}"
        asked = [wire.get("/v1/users/me", header) for wire in connections.values()]
        return {wire.hear().status for wire in asked}

    assert told() == {200}

    assert me.delete("/v1/auth/tokens/current").status == 204

    eventually(told, {401})
