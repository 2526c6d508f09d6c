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

from bson import json_util

from ops.backup import dump, oplog, others, postgres
from ops.backup.places import Places
from ops.errors import Problem
from ops.stack.child import Child, end
from ops.stack.progress import step, tell

MANIFEST = "manifest.json"
CHUNK = 1 << 20


def take(places: Places, target: Path, ended: Event, go_on: bool) -> None:
    """Into ``target``; with ``go_on``, until somebody says that it has ``ended``."""
    if target.exists():
        raise Problem(f"{target} is there already")
    target.mkdir(parents=True, mode=0o700)
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
    with step("MongoDB"):
        moment = dump.dump(places.mongo, places.database, target)
    others.keep_definitions(places.management, target)
    others.keep_settings(places.consul, places.token, target)
    told = {"covers_from": utc_now(), "mongo": json_util.default(moment)}
    write_manifest(target, told)
    with ThreadPoolExecutor(1) as pool:
        stopped = Event()
        following = pool.submit(
            oplog.follow,
            places.mongo,
            places.database,
            moment,
            target,
            stopped.is_set,
        )
        try:
            if go_on:
                tell("Complete; it goes on with every change until Ctrl-C")
                wait(ended, log, following, places.postgres)
            told["covers_to"] = utc_now()
            postgres.mark(places.postgres)
            postgres.await_log(places.postgres)
        finally:
            stopped.set()
        told["mongo_changes"] = following.result()
    write_manifest(target, told)


def wait(ended: Event, log: Child, following: "Future[int]", server: str) -> None:
    """Raise for the one of them that cannot go on."""
    while not ended.wait(1.0):
        if not log.alive:
            raise Problem(log.obituary())
        if following.done():
            following.result()
            raise Problem("MongoDB's oplog has ended")
        postgres.mark(server)


def utc_now() -> str:
    return datetime.now(UTC).isoformat()


def write_manifest(target: Path, told: dict[str, Any]) -> None:
    """With the sum of each file that changes no more."""
    parts = (*target.glob("mongo/*"), target / others.BROKER, target / others.CONSUL)
    sums = {str(file.relative_to(target)): sum_of(file) for file in parts}
    (target / MANIFEST).write_text(json.dumps(told | {"sha256": sums}, indent=1))


def check(source: Path) -> dict[str, Any]:
    """The manifest; raise for a file that is not what it was."""
    if not (source / MANIFEST).exists():
        raise Problem(f"{source} is no complete backup: it has no {MANIFEST}")
    manifest: dict[str, Any] = json.loads((source / MANIFEST).read_text())
    for name, known in manifest["sha256"].items():
        if sum_of(source / name) != known:
            raise Problem(f"{source / name} is not what was written")
    return manifest


def sum_of(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
