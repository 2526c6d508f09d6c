"""Who comes back follows the one that takes writes, and nobody else."""

import psycopg2
import pytest

from ops.dr import rejoining
from ops.dr.epoch import NONE, Epoch
from ops.dr.regions import Region
from ops.errors import Problem
from tests.unit.ops.dr.shop import Server, Shop

A, B = "region-a", "region-b"


class Data:
    """As much of ``Returned`` as is asked for; ``shop`` has its server."""

    def __init__(self, shop: Shop) -> None:
        self.server, self.data, self.identity = shop.servers[A], "here", "one"
        self.runs, self.is_half_way, self.done = True, False, []

    def fence(self) -> None:
        self.server.is_fenced = True

    def start(self) -> None:
        self.runs, self.server.silence = True, ""

    def stop(self) -> None:
        self.runs = False

    def rewind(self, leader: Region, name: str) -> None:
        assert not self.runs
        self.is_half_way = False
        self.done.append(f"{name} is {leader.name}")


@pytest.fixture
def shop(monkeypatch):
    """B was promoted, and A is back as a replica."""
    shop = Shop()
    shop.epoch = Epoch(2, B)
    shop.servers = {A: Server(), B: Server(is_replica=False, epoch=2)}
    shop.parted, shop.place = False, "here"
    monkeypatch.setattr(rejoining.epoch, "current", shop.current)
    monkeypatch.setattr(rejoining.postgres, "condition", shop.condition)
    monkeypatch.setattr(rejoining.postgres, "identity", lambda region: "one")
    monkeypatch.setattr(rejoining.postgres, "place_of", lambda region: shop.place)
    monkeypatch.setattr(rejoining.histories, "has_parted", lambda *_: shop.parted)
    monkeypatch.setattr(rejoining.mongo, "members", lambda *_: {"unused": "SECONDARY"})
    for name in ("welcome", "follow", "forget"):
        monkeypatch.setattr(rejoining.feeding, name, shop.ignore)
    for name in ("copy_queues", "wait", "federate", "await_links"):
        monkeypatch.setattr(rejoining.broker, name, shop.ignore)
    monkeypatch.setattr(rejoining.consul, "tell", shop.ignore)
    return shop


@pytest.fixture
def data(shop):
    return Data(shop)


def test_who_has_nothing_of_its_own_is_left_as_it_is(shop, data):
    assert rejoining.rejoin(shop, A, data) == Epoch(2, B)
    assert data.done == []
    assert data.runs


def test_who_has_parted_is_rewound_while_it_is_stopped_and_started_again(shop, data):
    shop.parted = True
    rejoining.rejoin(shop, A, data)
    assert data.done == ["region-a is region-b"]
    assert data.runs


def test_who_is_stopped_is_started_as_a_replica_first(shop, data):
    data.runs, shop.servers[A].is_fenced = False, False
    shop.servers[A].silence = "connection refused"
    rejoining.rejoin(shop, A, data)
    assert shop.servers[A].is_fenced


def test_half_a_rewind_is_done_again_without_starting_what_is_there(shop, data):
    data.is_half_way, data.runs = True, False

    def start_of_half(start=data.start) -> None:
        assert not data.is_half_way
        start()

    data.start = start_of_half
    rejoining.rejoin(shop, A, data)
    assert data.done == ["region-a is region-b"]


def test_a_server_that_takes_writes_is_not_rewound(shop, data):
    shop.servers[A].is_replica = False
    with pytest.raises(Problem, match="region-a takes writes; stop it first"):
        rejoining.rejoin(shop, A, data)
    assert data.done == []


@pytest.mark.parametrize("known", [NONE, Epoch(2, A)])
def test_nobody_follows_himself(shop, data, known):
    shop.epoch = known
    with pytest.raises(Problem, match="no region but region-a was promoted"):
        rejoining.rejoin(shop, A, data)


def test_nobody_follows_a_region_whose_promotion_was_stopped_half_way(shop, data):
    shop.servers[B].epoch = 1
    with pytest.raises(Problem, match="promote region-b first"):
        rejoining.rejoin(shop, A, data)


def test_data_of_another_shop_are_not_touched(shop, data):
    data.identity, shop.servers[A].is_fenced = "two", False
    with pytest.raises(Problem, match="not data that region-b has shared"):
        rejoining.rejoin(shop, A, data)
    assert not shop.servers[A].is_fenced


def test_data_that_the_address_does_not_lead_to_are_not_rewound(shop, data):
    shop.place, shop.parted = "there", True
    with pytest.raises(Problem, match="has its data in there"):
        rejoining.rejoin(shop, A, data)
    assert data.done == []


def test_a_leader_that_does_not_answer_is_not_followed(shop, data):
    shop.servers[B].silence = "connection refused"
    with pytest.raises(psycopg2.OperationalError):
        rejoining.rejoin(shop, A, data)
    assert data.done == []
