"""MongoDB's changes one after the other: written down, and done again."""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson
from bson import Timestamp
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import CursorType, MongoClient
from pymongo.database import Database

FILE = "oplog.bson"
# What belongs to the session or the place that it was written in.
FOREIGN = (
    *("lsid", "txnNumber", "stmtId", "prevOpTime", "preImageOpTime"),
    *("t", "h", "ts", "wall", "v", "ui"),
)
AWAIT_MS = 200
RAW: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)


def follow(
    uri: str, database: str, since: Timestamp, target: Path, ended: Callable[[], bool]
) -> int:
    """Write down what a majority has, from ``since`` until it is ``ended``."""
    client: MongoClient[Any]
    with MongoClient(uri, readConcernLevel="majority") as client:
        log: Any = client.local.get_collection("oplog.rs", codec_options=RAW)
        wanted = {"ts": {"$gt": since}, "ns": {"$in": [*names(database)]}}
        news = log.find(wanted, cursor_type=CursorType.TAILABLE_AWAIT)
        with (
            news.max_await_time_ms(AWAIT_MS),
            (target / FILE).open("ab") as file,
        ):
            return write(news, file, ended)


def names(database: str) -> Iterator[Any]:
    """Its collections, its commands, and transactions, which belong to nobody."""
    yield bson.Regex(f"^{database}\\.")
    yield "admin.$cmd"


def write(news: Any, file: Any, ended: Callable[[], bool]) -> int:
    count = 0
    while news.alive:
        found = next(news, None)
        if found is None:
            file.flush()
            os.fsync(file.fileno())
            if ended():
                break
        else:
            file.write(found.raw)
            count += 1
    return count


def entries(file: Path) -> Iterator[dict[str, Any]]:
    if file.exists():
        with file.open("rb") as stream:
            yield from bson.decode_file_iter(stream)


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
        if entry["wall"].replace(tzinfo=UTC) > to:
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


def is_of(change: dict[str, Any], database: str) -> bool:
    return change["op"] != "n" and change["ns"].startswith(f"{database}.")


def of(change: dict[str, Any]) -> dict[str, Any]:
    """What is to be done, wherever that is."""
    return {name: value for name, value in change.items() if name not in FOREIGN}
