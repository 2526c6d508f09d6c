"""Nobody is promoted while another region takes writes."""

import psycopg2
import pytest

from ops.dr import histories, postgres, promotion
from ops.dr.epoch import Epoch
from ops.dr.postgres import Condition
from ops.dr.regions import Region
from ops.errors import Problem

A = Region(*["region-a", *["unused"] * 8])


def condition(is_replica: bool) -> Condition:
    return Condition(is_replica, 1, "0/0", None, True, "", 1)


def test_a_region_that_takes_writes_is_to_be_stopped_first(monkeypatch):
    monkeypatch.setattr(postgres, "condition", lambda region: condition(False))
    with pytest.raises(Problem, match="region-a still takes writes"):
        promotion.demand_closed([A])


def test_a_region_that_is_a_replica_is_in_nobodys_way(monkeypatch):
    monkeypatch.setattr(postgres, "condition", lambda region: condition(True))
    promotion.demand_closed([A])


def test_a_region_that_is_gone_is_in_nobodys_way(monkeypatch):
    def gone(region: Region) -> Condition:
        raise psycopg2.OperationalError

    monkeypatch.setattr(postgres, "condition", gone)
    promotion.demand_closed([A])


def test_a_replica_has_a_slot_of_a_name_that_postgresql_takes():
    told = postgres.following(A, "region-b")
    assert told["primary_slot_name"] == "region_b"
    assert "application_name=region-b" in told["primary_conninfo"]


def test_epochs_are_told_apart_by_who_has_them():
    assert Epoch(2, "region-a") != Epoch(2, "region-b")


def test_two_histories_part_where_the_newest_timeline_began():
    history = "1\t0/3000060\tbefore\n\n2\t0/432E5F8\tno recovery target specified\n"
    assert histories.parting(history) == "0/432E5F8"
