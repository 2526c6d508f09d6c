"""MongoDB's changes one after the other: written down, and done again."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson
from bson import Timestamp
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument
from pymongo import CursorType, MongoClient
from pymongo.database import Database

from ops.dr.waiting import until
from ops.errors import Problem

FILE = "oplog.bson"
# What belongs to the session or the place that it was written in.
FOREIGN = (
    *("lsid", "txnNumber", "stmtId", "prevOpTime", "preImageOpTime"),
    *("t", "h", "ts", "wall", "v", "ui"),
)
AWAIT_MS = 200
COMMITTED, WRITTEN = "lastCommittedOpTime", "appliedOpTime"
RAW: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)


def now(uri: str) -> Timestamp:
    """Until when a majority has everything."""
    client: MongoClient[Any]
    with MongoClient(uri) as client:
        return reached(client, COMMITTED)


def reached(client: MongoClient[Any], mark: str) -> Timestamp:
    status = client.admin.command("replSetGetStatus")
    found: Timestamp = status["optimes"][mark]["ts"]
    return found


def follow(
    uri: str, database: str, since: Timestamp, target: Path, ended: Callable[[], bool]
) -> int:
    """Write down what a majority has, from ``since`` until it is ``ended``."""
    client: MongoClient[Any]
    with MongoClient(uri, readConcernLevel="majority") as client:
        log: Any = client.local.get_collection("oplog.rs", codec_options=RAW)
        demand_whole(log, since)
        wanted = {"ts": {"$gte": since}, "ns": {"$in": [*names(database)]}}
        news = log.find(wanted, cursor_type=CursorType.TAILABLE_AWAIT)
        with (
            news.max_await_time_ms(AWAIT_MS),
            (target / FILE).open("ab") as file,
        ):
            return write(news, file, lambda: end_of(client) if ended() else None)


def end_of(client: MongoClient[Any]) -> Timestamp:
    """What is written by now, once a majority has it: before that, nobody tells."""
    last = reached(client, WRITTEN)
    why = "MongoDB has no majority for the last changes"
    until(lambda: reached(client, COMMITTED) >= last, why)
    return last


def demand_whole(log: Any, since: Timestamp) -> None:
    """Raise if it has forgotten changes: it keeps as many as it has room for."""
    oldest = log.find_one(sort=[("$natural", 1)])
    if oldest is None or oldest["ts"] > since:
        raise Problem(
            "MongoDB's oplog does not go back to the beginning of the copy; make it"
            " larger (replSetResizeOplog)"
        )


def names(database: str) -> Iterator[Any]:
    """Its collections, its commands, and transactions, which belong to nobody.

    So does what MongoDB writes when nothing happens: it tells until when that is so.
    """
    yield bson.Regex(f"^{database}\\.")
    yield "admin.$cmd"
    yield ""


def write(news: Any, file: Any, end: Callable[[], Timestamp | None]) -> int:
    """Until there is an ``end``, and what was before it is written."""
    count, last = 0, None
    while news.alive:
        last = last or end()
        found = next(news, None)
        if found:
            file.write(found.raw)
            count += 1
        else:
            file.flush()
            os.fsync(file.fileno())
        # In a shop that is busy there is always something more.
        if last and (not found or found["ts"] >= last):
            return count
    raise Problem("MongoDB's oplog has ended")


def entries(file: Path) -> Iterator[dict[str, Any]]:
    """As far as they are whole: who was killed may have left half of the last."""
    if not file.exists():
        raise Problem(f"{file} is not there")
    with file.open("rb") as stream, suppress(InvalidBSON):
        yield from bson.decode_file_iter(stream)


def demand_reaching(file: Path, to: datetime) -> None:
    """Raise unless something is known of after ``to``, when a copying was killed."""
    last = None
    for entry in entries(file):
        last = time_of(entry)
        if last >= to:
            return
    end = last.isoformat() if last else "before its first change"
    raise Problem(f"{file} ends at {end}, and {to.isoformat()} is after that")


def replay(database: Database[Any], file: Path, to: datetime) -> int:
    """Do again what was done until ``to``; how many changes that were."""
    count = 0
    for batch in changes(entries(file), database.name, to):
        database.client.admin.command("applyOps", batch, allowAtomic=False)
        count += len(batch)
    return count


def changes(
    told: Iterable[dict[str, Any]], database: str, to: datetime
) -> Iterator[list[dict[str, Any]]]:
    """The changes of each entry; a transaction's all at its end, or not at all."""
    parts: dict[Any, list[dict[str, Any]]] = {}
    for entry in told:
        if time_of(entry) > to:
            return
        if entry["op"] == "c" and "applyOps" in entry["o"]:
            key = bson.encode({"of": [entry.get("lsid"), entry.get("txnNumber")]})
            found = parts.pop(key, []) + entry["o"]["applyOps"]
            if entry["o"].get("partialTxn"):
                parts[key] = found
                continue
        else:
            found = [entry]
        if mine := [of(each) for each in found if is_of(each, database)]:
            yield mine


def time_of(entry: dict[str, Any]) -> datetime:
    wall: datetime = entry["wall"]
    return wall.replace(tzinfo=UTC)


def is_of(change: dict[str, Any], database: str) -> bool:
    return change["op"] != "n" and change["ns"].startswith(f"{database}.")


def of(change: dict[str, Any]) -> dict[str, Any]:
    """What is to be done, wherever that is."""
    return {name: value for name, value in change.items() if name not in FOREIGN}
