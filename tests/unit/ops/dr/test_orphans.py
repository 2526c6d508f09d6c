"""Orders that were lost with a region are known by what is kept for them."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from common.clock import utc_now
from common.ids import new_id
from ops.dr import orphans
from ops.dr.orphans import Orphan
from ops.errors import Problem

LINE = {"product_id": "tea", "quantity": 2}
EVER = "z"


class Found(list):
    def sort(self, name: str, direction: int) -> "Found":
        return Found(sorted(self, key=lambda each: each[name]))

    def limit(self, count: int) -> "Found":
        return Found(self[:count])


class Reservations:
    def __init__(self, *documents: dict) -> None:
        self.documents, self.asked = documents, 0

    def find(self, wanted: dict, fields: dict) -> Found:
        self.asked += 1
        gone, bounds = wanted["state"]["$nin"], wanted["_id"]
        return Found(
            each
            for each in self.documents
            if each["state"] not in gone
            and each["_id"] < bounds["$lt"]
            and each["_id"] >= bounds.get("$gte", "")
            and each["_id"] > bounds.get("$gt", "")
        )


class Catalogue:
    def __init__(self, *documents: dict) -> None:
        self.stock_reservations = Reservations(*documents)


class Orders:
    """PostgreSQL's: those that are known, and until where they were archived."""

    known, archived = {"known"}, "b"

    def scalar(self, question: object) -> str:
        return self.archived

    def scalars(self, question: object, values: dict) -> set[str]:
        return self.known & {*values["ids"]}


def reservation(order: str, state: str, back: tuple = ()) -> dict:
    return {"_id": order, "state": state, "items": [LINE], "returned": [*back]}


@pytest.fixture(autouse=True)
def orders(monkeypatch):
    here = Orders()

    @contextmanager
    def orders_at(uri):
        yield here

    monkeypatch.setattr(orphans, "orders_at", orders_at)
    return here


def found(*documents: dict, before: str = EVER) -> list[Orphan]:
    return orphans.find("", Catalogue(*documents), before)


def test_who_has_pieces_and_no_order_has_lost_it():
    both = reservation("known", "sold"), reservation("lost", "sold")
    assert found(*both) == [Orphan("lost", "sold", 2)]


def test_whose_pieces_are_back_is_told_of_no_more():
    back = reservation("lost", "sold", (LINE,)), reservation("other", "released")
    assert found(*back) == []


def test_an_order_that_was_archived_is_not_lost():
    assert found(reservation("archived", "sold")) == []


def test_an_order_that_is_still_young_is_not_lost(orders):
    orders.archived, order = "", new_id()
    young = orphans.id_at(utc_now() - timedelta(minutes=5))
    old = orphans.id_at(utc_now() + timedelta(minutes=5))
    assert found(reservation(order, "held"), before=young) == []
    assert found(reservation(order, "held"), before=old) == [Orphan(order, "held", 2)]


def test_reservations_are_read_some_at_a_time(monkeypatch):
    monkeypatch.setattr(orphans, "BATCH", 2)
    catalogue = Catalogue(*(reservation(each, "sold") for each in "cdefg"))
    lost = orphans.find("", catalogue, EVER)
    assert [each.order_id for each in lost] == [*"cdefg"]
    assert catalogue.stock_reservations.asked == 4


def test_a_replica_that_may_be_behind_is_not_asked_what_was_lost(monkeypatch):
    class Replica:
        def connect(self) -> "Replica":
            return self

        __enter__ = connect

        def __exit__(self, *trouble: object) -> None:
            pass

        def scalar(self, question: object) -> bool:
            return "pg_is_in_recovery" in str(question)

    monkeypatch.undo()
    monkeypatch.setattr(orphans, "create_engine", lambda *_, **__: Replica())
    with pytest.raises(Problem, match="a replica's"):
        found(reservation("new", "sold"))
