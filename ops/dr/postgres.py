"""PostgreSQL over two regions: one takes writes, the other follows it.

A server is fenced by the file `standby.signal` in its data: whoever starts it, it
comes up as a replica, which refuses every write.  The primary has that file as well,
laid there once it was promoted, so that it cannot come back as what it was.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2.errors import DuplicateObject
from psycopg2.sql import SQL, Literal

from ops.dr.epoch import Epoch
from ops.dr.regions import Region

PROMOTION_SECONDS = 30
CONNECT_SECONDS = 2
EPOCHS = """
    CREATE TABLE IF NOT EXISTS shopnow_epochs (
        number integer PRIMARY KEY,
        region text NOT NULL,
        at timestamptz NOT NULL DEFAULT now()
    )
"""
CONDITION = """
    SELECT pg_is_in_recovery(), timeline_id,
        coalesce(pg_last_wal_replay_lsn(), '0/0'),
        CASE WHEN pg_is_in_recovery() THEN
            extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END,
        EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming'),
        current_setting('synchronous_standby_names')
    FROM pg_control_checkpoint()
"""


@dataclass(frozen=True)
class Condition:
    """``age`` is of the last transaction that it has replayed, in seconds."""

    is_replica: bool
    timeline: int
    replayed: str
    age: float | None
    streams: bool
    waits_for: str
    epoch: int


@contextmanager
def talk(uri: str) -> Iterator[Any]:
    with closing(psycopg2.connect(uri, connect_timeout=CONNECT_SECONDS)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


def condition(region: Region) -> Condition:
    with talk(region.postgres) as cursor:
        cursor.execute(CONDITION)
        return Condition(*[*cursor.fetchone(), epoch_of(cursor)])


def epoch_of(cursor: Any) -> int:
    cursor.execute("SELECT to_regclass('shopnow_epochs') IS NOT NULL")
    if not cursor.fetchone()[0]:
        return 0
    cursor.execute("SELECT coalesce(max(number), 0) FROM shopnow_epochs")
    return int(cursor.fetchone()[0])


def promote(region: Region) -> None:
    """Let it take writes, with nobody to wait for, and fence it for when it is gone."""
    with talk(region.postgres) as cursor:
        # What it was told as the primary's copy would have it wait for itself.
        demand_copies(cursor, "")
        cursor.execute("SELECT pg_is_in_recovery()")
        if cursor.fetchone()[0]:
            cursor.execute("SELECT pg_promote(true, %s)", [PROMOTION_SECONDS])
        arm(cursor)


def demand_copies(cursor: Any, names: str) -> None:
    """Which replicas a commit waits for; nobody, if ``names`` is empty."""
    setting = SQL("ALTER SYSTEM SET synchronous_standby_names = {}")
    cursor.execute(setting.format(Literal(names)))
    cursor.execute("SELECT pg_reload_conf()")


def arm(cursor: Any) -> None:
    """Have its next start be that of a replica, whoever starts it."""
    cursor.execute("SELECT current_setting('data_directory') || '/standby.signal'")
    signal = SQL("COPY (SELECT '' WHERE false) TO {}")
    cursor.execute(signal.format(Literal(cursor.fetchone()[0])))


def write_down(region: Region, epoch: Epoch) -> None:
    with talk(region.postgres) as cursor:
        cursor.execute(EPOCHS)
        cursor.execute(
            "INSERT INTO shopnow_epochs (number, region) VALUES (%s, %s)"
            " ON CONFLICT DO NOTHING",
            [epoch.number, epoch.region],
        )


def welcome(region: Region, replica: str) -> None:
    """Keep what ``replica`` has not read yet."""
    with talk(region.postgres) as cursor:
        try:
            cursor.execute(
                "SELECT pg_create_physical_replication_slot(%s, true)", [slot(replica)]
            )
        except DuplicateObject:
            return


def follow(region: Region, leader: Region) -> None:
    """Whom it follows from now on, if it is a replica."""
    with talk(region.postgres) as cursor:
        for name, value in following(leader, region.name).items():
            setting = SQL("ALTER SYSTEM SET {} = {}")
            cursor.execute(setting.format(SQL(name), Literal(value)))
        cursor.execute("SELECT pg_reload_conf()")


def following(leader: Region, name: str) -> dict[str, str]:
    words = f"{leader.follow} application_name={name}"
    return {"primary_conninfo": words, "primary_slot_name": slot(name)}


def slot(name: str) -> str:
    return name.replace("-", "_")
