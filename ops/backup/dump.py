"""MongoDB: all documents as of one moment, in files of BSON."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import bson
from bson import json_util
from pymongo import MongoClient
from pymongo.database import Database

FOLDER, INDEXES = "mongo", "collections.json"
BATCH = 1000


def dump(uri: str, name: str, target: Path) -> None:
    """Within the minutes for which MongoDB keeps a snapshot."""
    folder = target / FOLDER
    folder.mkdir(parents=True)
    client: MongoClient[Any]
    with MongoClient(uri) as client:
        database: Database[Any] = client[name]
        described = [dict(c) for c in database.list_collections() if is_ours(c)]
        with client.start_session(snapshot=True) as session:
            for each in described:
                each["indexes"] = indexes_of(database, each["name"])
                documents = database[each["name"]].find_raw_batches(
                    batch_size=BATCH, session=session
                )
                with (folder / f"{each['name']}.bson").open("wb") as file:
                    file.writelines(documents)
    (folder / INDEXES).write_text(json_util.dumps(described, indent=1))


def is_ours(described: Mapping[str, Any]) -> bool:
    return described["type"] == "collection" and not described["name"].startswith(
        "system."
    )


def indexes_of(database: Database[Any], name: str) -> list[dict[str, Any]]:
    found = database[name].list_indexes()
    return [dict(each) for each in found if each["name"] != "_id_"]


def load(database: Database[Any], source: Path) -> int:
    """Into a database that is empty; how many documents."""
    folder, count = source / FOLDER, 0
    for each in json_util.loads((folder / INDEXES).read_text()):
        name = each["name"]
        # Without its validator, which may have come later than some documents.
        collection = database.create_collection(name, check_exists=False)
        with (folder / f"{name}.bson").open("rb") as file:
            for batch in batches(bson.decode_file_iter(file)):
                collection.insert_many(batch, ordered=False)
                count += len(batch)
    return count


def finish(database: Database[Any], source: Path) -> None:
    """Indexes and validators, once all documents are there."""
    for each in json_util.loads((source / FOLDER / INDEXES).read_text()):
        name = each["name"]
        for index in each["indexes"]:
            database.command("createIndexes", name, indexes=[plain(index)])
        if options := each["options"]:
            database.command("collMod", name, **options)


def plain(index: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in index.items() if key not in ("v", "ns")}


def batches(documents: Iterator[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for each in documents:
        batch.append(each)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
