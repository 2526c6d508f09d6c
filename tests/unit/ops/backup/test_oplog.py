"""What is done again of MongoDB's changes, and until when."""

from datetime import datetime, timedelta
from typing import Any

from ops.backup.oplog import changes

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
