"""Takes a copy of everything, and goes on with what changes."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

from bson import Timestamp, json_util

from ops.backup import dump, oplog, others, postgres
from ops.backup.places import Places
from ops.errors import Problem
from ops.stack.child import Child, end
from ops.stack.progress import step, tell

MANIFEST = "manifest.json"
CHUNK = 1 << 20


def take(places: Places, target: Path, ended: Event, go_on: bool) -> None:
    """Into ``target``; with ``go_on``, until somebody says that it has ``ended``."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Problem(f"{target} is there already, and not empty")
    target.mkdir(parents=True, exist_ok=True)
    target.chmod(0o700)
    with postgres.keeping_log(places.postgres), receiving(places, target) as log:
        copy(places, target, ended, go_on, log)


@contextmanager
def receiving(places: Places, target: Path) -> Iterator[Child]:
    log = Child.spawn(postgres.receive_log(places.postgres, target))
    try:
        yield log
    finally:
        end([log])


def copy(places: Places, target: Path, ended: Event, go_on: bool, log: Child) -> None:
    with step("PostgreSQL"):
        postgres.base_backup(places.postgres, target)
    moment = oplog.now(places.mongo)
    told: dict[str, Any] = {"mongo": json_util.default(moment)}
    # Before the documents, which take their time: what is in it meanwhile would go.
    with following(places, moment, target) as changes:
        with step("MongoDB"):
            dump.dump(places.mongo, places.database, target)
        others.keep_definitions(places.management, target)
        others.keep_settings(places.consul, places.token, target)
        demand_going_on(log, changes)
        told["covers_from"] = utc_now()
        write_manifest(target, told)
        if go_on:
            tell("Complete; it goes on with every change until Ctrl-C")
            wait(ended, log, changes, places.postgres)
        told["covers_to"] = utc_now()
        postgres.mark(places.postgres)
        postgres.await_log(places.postgres)
    told["mongo_changes"] = changes.result()
    write_manifest(target, told)


@contextmanager
def following(
    places: Places, since: Timestamp, target: Path
) -> Iterator["Future[int]"]:
    stopped = Event()
    words = places.mongo, places.database, since, target, stopped.is_set
    with ThreadPoolExecutor(1) as pool:
        try:
            yield pool.submit(oplog.follow, *words)
        finally:
            stopped.set()


def wait(ended: Event, log: Child, changes: "Future[int]", server: str) -> None:
    while not ended.wait(1.0):
        demand_going_on(log, changes)
        postgres.mark(server)


def demand_going_on(log: Child, changes: "Future[int]") -> None:
    """Raise for the one of them that cannot."""
    if not log.alive:
        raise Problem(log.obituary())
    if changes.done():
        changes.result()


def utc_now() -> str:
    return datetime.now(UTC).isoformat()


def write_manifest(target: Path, told: dict[str, Any]) -> None:
    """With the sum of each file that changes no more."""
    kept = [others.BROKER, others.CONSUL]
    if "covers_to" in told:
        kept.append(oplog.FILE)
    parts = (*target.glob("mongo/*"), *(target / name for name in kept))
    sums = {str(file.relative_to(target)): sum_of(file) for file in parts}
    (target / MANIFEST).write_text(json.dumps(told | {"sha256": sums}, indent=1))


def check(source: Path) -> dict[str, Any]:
    """The manifest; raise for a file that is not what it was."""
    if not (source / MANIFEST).exists():
        raise Problem(f"{source} is no complete backup: it has no {MANIFEST}")
    manifest: dict[str, Any] = json.loads((source / MANIFEST).read_text())
    for name, known in manifest["sha256"].items():
        if not (source / name).exists():
            raise Problem(f"{source / name} is not there")
        if sum_of(source / name) != known:
            raise Problem(f"{source / name} is not what was written")
    return manifest


def sum_of(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
