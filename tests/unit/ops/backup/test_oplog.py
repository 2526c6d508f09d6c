"""What is done again of MongoDB's changes, and until when."""

from datetime import datetime, timedelta
from typing import Any

import bson
import pytest
from bson import Timestamp
from bson.raw_bson import RawBSONDocument

from ops.backup import oplog
from ops.backup.oplog import changes
from ops.errors import Problem

NOON = datetime.fromisoformat("2026-11-22T12:00:00+00:00")


def entry(seconds: float, op: str = "u", **more: Any) -> dict[str, Any]:
    wall = (NOON + timedelta(seconds=seconds)).replace(tzinfo=None)
    return {"ns": "shop.products", "op": op, "o": {}, "wall": wall, "v": 2} | more


def transaction(seconds: float, *parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    told = {"applyOps": list(parts)} | more
    session = {"lsid": {"id": "one"}, "txnNumber": 7}
    return entry(seconds, "c", ns="admin.$cmd", o=told, **session)


def part(number: int, ns: str = "shop.products") -> dict[str, Any]:
    return {"op": "i", "ns": ns, "o": {"_id": number}, "ui": "a collection"}


def done(*told: dict[str, Any]) -> list[list[Any]]:
    found = changes(told, "shop", NOON)
    return [[change["o"].get("_id") for change in batch] for batch in found]


def test_what_came_after_the_moment_is_left_out():
    assert done(entry(-1, o={"_id": 1}), entry(1, o={"_id": 2})) == [[1]]


def test_a_transaction_is_done_at_once():
    assert done(transaction(-1, part(1), part(2))) == [[1, 2]]


def test_a_transaction_in_several_entries_is_done_when_the_last_is_there():
    first = transaction(-2, part(1), partialTxn=True)
    assert done(first, entry(-1.5, o={"_id": 9}), transaction(-1, part(2))) == [
        [9],
        [1, 2],
    ]


def test_half_of_a_transaction_is_not_done():
    first = transaction(-1, part(1), partialTxn=True)
    assert done(first, transaction(1, part(2))) == []


def test_other_databases_are_left_alone():
    assert done(transaction(-1, part(1, "admin.users"), part(2))) == [[2]]


def test_a_moment_in_another_zone_is_the_same_moment():
    later = NOON.astimezone(datetime.fromisoformat("2026-11-22T14:00:00+02:00").tzinfo)
    assert len(list(changes([entry(-1), entry(1)], "shop", later))) == 1


def test_ids_of_collections_are_those_of_the_place():
    [[change]] = changes([transaction(-1, part(1))], "shop", NOON)
    assert change == {"op": "i", "ns": "shop.products", "o": {"_id": 1}}


class Log:
    """MongoDB's, as it is read: ``None`` is a while in which nothing happens."""

    def __init__(self, *seconds: int | None) -> None:
        self.left, self.told = [*seconds], 0

    @property
    def alive(self) -> bool:
        return bool(self.left)

    def __next__(self) -> RawBSONDocument:
        found = self.left.pop(0)
        if found is None:
            raise StopIteration
        self.told += 1
        when = {"ts": Timestamp(found, 1), "wall": NOON + timedelta(seconds=found)}
        return RawBSONDocument(bson.encode(when))

    def find_one(self, sort: object) -> dict | None:
        return {"ts": Timestamp(self.left[0], 1)} if self.left else None


@pytest.fixture
def file(tmp_path):
    """Changes of the first three seconds after noon."""
    file = tmp_path / oplog.FILE
    with file.open("wb") as stream:
        oplog.write(Log(1, 2, 3, None), stream, lambda: Timestamp(9, 1))
    return file


def after_noon(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_a_shop_in_which_always_something_happens_is_copied_to_an_end(tmp_path):
    log = Log(*range(1, 100))
    end = lambda: Timestamp(7, 1) if log.told >= 5 else None  # noqa: E731
    with (tmp_path / oplog.FILE).open("wb") as stream:
        assert oplog.write(log, stream, end) == 7


def test_a_log_that_nobody_has_ended_is_no_whole_copy(tmp_path):
    with (
        (tmp_path / oplog.FILE).open("wb") as stream,
        pytest.raises(Problem, match="oplog has ended"),
    ):
        oplog.write(Log(1, None), stream, lambda: None)


def test_a_log_that_begins_after_the_copy_has_a_gap():
    oplog.demand_whole(Log(3, 4), Timestamp(3, 1))
    with pytest.raises(Problem, match="does not go back"):
        oplog.demand_whole(Log(4, 5), Timestamp(3, 1))


def test_a_copy_that_was_killed_is_good_until_its_last_change(file):
    oplog.demand_reaching(file, after_noon(3))
    with pytest.raises(Problem, match=r"12:00:03\+00:00, and .*12:00:04"):
        oplog.demand_reaching(file, after_noon(4))


def test_half_of_the_last_change_is_the_end(file):
    file.write_bytes(file.read_bytes()[:-3])
    assert len(list(oplog.entries(file))) == 2
    with pytest.raises(Problem, match="12:00:02"):
        oplog.demand_reaching(file, after_noon(3))


def test_changes_that_are_gone_are_missed(tmp_path):
    with pytest.raises(Problem, match=r"oplog\.bson is not there"):
        list(oplog.entries(tmp_path / oplog.FILE))
