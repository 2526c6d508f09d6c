"""Orders that were lost with a region are known by what is kept for them."""

import pytest

from ops.dr import orphans
from ops.dr.orphans import Orders, Orphan
from ops.errors import Problem

LINE = {"product_id": "tea", "quantity": 2}


class Reservations:
    def __init__(self, *documents: dict) -> None:
        self.documents = documents

    def find(self, wanted: dict) -> list[dict]:
        gone = wanted["state"]["$nin"]
        return [each for each in self.documents if each["state"] not in gone]


class Catalogue:
    def __init__(self, *documents: dict) -> None:
        self.stock_reservations = Reservations(*documents)


def reservation(order: str, state: str, back: tuple = ()) -> dict:
    return {"_id": order, "state": state, "items": [LINE], "returned": [*back]}


@pytest.fixture
def known(monkeypatch):
    found = Orders({"known"}, archived="b")
    monkeypatch.setattr(orphans, "orders_among", lambda uri, ids: found)


@pytest.mark.usefixtures("known")
def test_who_has_pieces_and_no_order_has_lost_it():
    catalogue = Catalogue(reservation("known", "sold"), reservation("lost", "sold"))
    assert orphans.find("", catalogue) == [Orphan("lost", "sold", 2)]


@pytest.mark.usefixtures("known")
def test_whose_pieces_are_back_is_told_of_no_more():
    back = reservation("lost", "sold", (LINE,)), reservation("other", "released")
    assert orphans.find("", Catalogue(*back)) == []


@pytest.mark.usefixtures("known")
def test_an_order_that_was_archived_is_not_lost():
    assert orphans.find("", Catalogue(reservation("archived", "sold"))) == []


def test_a_replica_that_may_be_behind_is_not_asked_what_was_lost(monkeypatch):
    class Replica:
        def connect(self) -> "Replica":
            return self

        __enter__ = connect

        def __exit__(self, *trouble: object) -> None:
            pass

        def scalar(self, question: object) -> bool:
            return "pg_is_in_recovery" in str(question)

    monkeypatch.setattr(orphans, "create_engine", lambda *_, **__: Replica())
    with pytest.raises(Problem, match="a replica's"):
        orphans.find("", Catalogue(reservation("new", "sold")))
