"""Pieces are put back for orders and a catalogue of one shop, where it takes writes."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from ops import environment
from ops.dr import belonging
from ops.dr.command import dr
from ops.dr.epoch import NONE, Epoch
from ops.errors import Problem
from ops.stack.state import State
from tests.unit.ops.dr.shop import Server, Shop

A, B = "region-a", "region-b"
IN_A, IN_B = "postgresql+psycopg2://a/order_service", "postgresql://b/order_service"
MONGO = "mongodb://product_service:secret@127.0.0.1:{}/product_service"


class Catalogue:
    """MongoDB's client, and what it tells anybody of its set."""

    def __init__(self, *hosts: str) -> None:
        self.admin, self.hosts = self, hosts

    def command(self, name: str) -> dict:
        return {"setName": "rs0", "hosts": [*self.hosts]}


@pytest.fixture
def shop(monkeypatch):
    """B was promoted; A was cut off, never restarted, and is back."""
    shop = Shop()
    shop.epoch = Epoch(2, B, opened=True)
    shop.servers = {A: Server(is_replica=False), B: Server(is_replica=False, epoch=2)}
    born = {IN_A.replace("+psycopg2", ""): 1, IN_B: 2, "unused": 2}

    @contextmanager
    def catalogue():
        yield Catalogue("a:1", "b:1")

    @contextmanager
    def talk(uri):
        yield SimpleNamespace(execute=lambda _: None, fetchone=lambda: [born[uri]])

    shop.catalogue = catalogue
    monkeypatch.setattr(belonging, "talk", talk)
    monkeypatch.setattr(belonging.epoch, "current", shop.current)
    monkeypatch.setattr("ops.dr.postgres.condition", shop.condition)
    return shop


def test_who_asks_where_writes_are_taken_may_put_back(shop):
    belonging.demand_leading(shop, IN_B, Catalogue("b:1", "a:1"))


def test_a_primary_that_was_cut_off_does_not_say_what_was_lost(shop):
    with pytest.raises(Problem, match=r"PostgreSQL of region-b, .* epoch 2"):
        belonging.demand_leading(shop, IN_A, Catalogue("a:1", "b:1"))


def test_the_catalogue_of_another_shop_is_left_alone(shop):
    with pytest.raises(Problem, match="not lead to the regions' MongoDB"):
        belonging.demand_leading(shop, IN_B, Catalogue("c:1"))


def test_a_region_that_was_not_opened_does_not_say_what_was_lost(shop):
    shop.servers[B].epoch = 1
    with pytest.raises(Problem, match="not open in it"):
        belonging.demand_leading(shop, IN_B, Catalogue("a:1", "b:1"))


def test_regions_without_an_epoch_do_not_say_what_was_lost(shop):
    shop.epoch = NONE
    with pytest.raises(Problem, match="no region was promoted"):
        belonging.demand_leading(shop, IN_B, Catalogue("a:1", "b:1"))


@pytest.fixture
def stack(tmp_path, monkeypatch):
    """It runs both servers, at the ports 1 and 2."""
    running = {"postgres": 1, "mongo": 2}
    children = [SimpleNamespace(name=n, port=port) for n, port in running.items()]
    monkeypatch.setattr(environment, "run_dir", lambda: tmp_path)
    monkeypatch.setattr(State, "left_over", lambda self: ([], children))
    return children


def told(postgres: int, mongo: int) -> dict[str, str]:
    orders = f"postgresql://order_service:secret@127.0.0.1:{postgres}/order_service"
    return {"ORDER_DB_URI": orders, "PRODUCT_MONGO_URI": MONGO.format(mongo)}


@pytest.mark.usefixtures("stack")
def test_without_regions_the_local_stack_may_put_back():
    belonging.demand_own(told(1, 2))


@pytest.mark.usefixtures("stack")
def test_a_restored_stack_does_not_put_back_in_the_live_catalogue():
    with pytest.raises(Problem, match="PRODUCT_MONGO_URI is not of the stack"):
        belonging.demand_own(told(1, 3))


def test_a_stack_that_does_not_run_puts_nothing_back(stack):
    stack.clear()
    with pytest.raises(Problem, match="ORDER_DB_URI is not of the stack"):
        belonging.demand_own(told(1, 2))


@pytest.mark.usefixtures("stack")
def test_the_command_looks_before_it_puts_anything_back(monkeypatch):
    monkeypatch.setattr("ops.dr.orphans.put_back", lambda *_: pytest.fail("put back"))
    monkeypatch.setattr("ops.dr.orphans.find", lambda *_: [])
    ran = CliRunner(env=told(1, 3)).invoke(dr, ["reconcile", "--fix"])
    assert "PRODUCT_MONGO_URI is not of the stack" in ran.output
