"""PostgreSQL: a base backup, and its write-ahead log from there on."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ops.dr.talking import spoken, talk
from ops.dr.waiting import until
from ops.errors import Problem
from ops.stack import programs
from ops.stack.child import Command
from ops.stack.servers.postgres import DEBIAN

BASE, LOG = "postgres", "wal"
# While it is there, PostgreSQL keeps what has not been received yet.
SLOT = "shopnow_backup"
RECEIVED = """
    SELECT coalesce(bool_or(flush_lsn >= %s::pg_lsn), false)
    FROM pg_stat_replication WHERE application_name = 'pg_receivewal'
"""
FORGET = """
    SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
    WHERE slot_name = %s AND NOT active
"""
RECOVERY = """
restore_command = 'cp "{log}/%f" "%p" 2>/dev/null || cp "{log}/%f.partial" "%p"'
recovery_target_time = '{to}'
recovery_target_action = 'promote'
# It is a shop of its own, whomever the copied one followed and waited for.
primary_conninfo = ''
primary_slot_name = ''
synchronous_standby_names = ''
"""


def base_backup(uri: str, target: Path) -> None:
    """A copy of all databases, which can be started by itself."""
    server, password = server_of(uri)
    words = ["--checkpoint=fast", "--wal-method=stream", "-d", server]
    copy = program("pg_basebackup"), "-D", target / BASE
    programs.run([*copy, *words], told=password)


def receive_log(uri: str, target: Path) -> Command:
    """What writes down each change as it is made, until it is ended."""
    (target / LOG).mkdir(exist_ok=True)
    server, password = server_of(uri)
    words = [f"--slot={SLOT}", "--synchronous", "--no-loop", "-d", server]
    return Command(
        name="pg_receivewal",
        argv=[program("pg_receivewal"), "-D", target / LOG, *words],
        log=target / "wal.log",
        cwd=target,
        environment=os.environ | password,
    )


@contextmanager
def keeping_log(uri: str) -> Iterator[None]:
    """Have the server keep what is still to be received, until this is over."""
    with talk(uri) as cursor:
        # Of one that was killed.
        until(lambda: is_free(cursor), f"another backup is taken: slot {SLOT}", 5.0)
        cursor.execute("SELECT pg_create_physical_replication_slot(%s, true)", [SLOT])
    try:
        yield
    finally:
        with talk(uri) as cursor:
            until(lambda: is_free(cursor), f"the slot {SLOT} is still in use")


def is_free(cursor: Any) -> bool:
    """Whether nobody uses the slot; if so, it is gone."""
    cursor.execute(FORGET, [SLOT])
    cursor.execute("SELECT FROM pg_replication_slots WHERE slot_name = %s", [SLOT])
    return cursor.rowcount == 0


def mark(uri: str) -> None:
    """Commit something: a moment after the last commit could not be restored to."""
    with talk(uri) as cursor:
        cursor.execute("SELECT pg_current_xact_id()")


def await_log(uri: str) -> None:
    """Until all that was committed is in the log that is received."""
    with talk(uri) as cursor:
        cursor.execute("SELECT pg_switch_wal()")
        [here] = cursor.fetchone()
        why = "the log of PostgreSQL is not received"
        until(lambda: has_received(cursor, here), why)


def has_received(cursor: Any, here: str) -> bool:
    cursor.execute(RECEIVED, [here])
    return bool(cursor.fetchone()[0])


def verify(source: Path) -> None:
    """Raise for a file of the base backup that is not what was written."""
    programs.run([program("pg_verifybackup"), "--no-parse-wal", source / BASE])


def lay_out(source: Path, data: Path, log: Path, to: str) -> None:
    """Data of a server that, when it is started, goes on to ``to``."""
    shutil.copytree(source / BASE, data)
    shutil.copytree(source / LOG, log)
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(RECOVERY.format(log=log, to=to))
    # A primary of two regions has it, and would be a replica of the other.
    (data / "standby.signal").unlink(missing_ok=True)
    (data / "recovery.signal").touch()
    data.chmod(0o700)


def server_of(uri: str) -> tuple[str, dict[str, str]]:
    """Replication is of a server, not of a database."""
    return spoken(uri, dbname="")


def program(name: str) -> Path:
    found = DEBIAN.glob(f"*/bin/{name}")
    newest = max(found, key=lambda path: int(path.parts[-3]), default=None)
    if (there := newest or programs.find(name)) is None:
        raise Problem(f"there is no {name} on this machine")
    return there
