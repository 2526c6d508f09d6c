"""PostgreSQL over two regions: one takes writes, the other follows it.

A server is fenced by the file `standby.signal` in its data: whoever starts it, it
comes up as a replica, which refuses every write.  The primary has that file as well,
laid there once it was promoted, so that it cannot come back as what it was.
"""

from dataclasses import dataclass
from typing import Any

from psycopg2.sql import SQL, Literal

from ops.dr import feeding, journal
from ops.dr.regions import Region
from ops.dr.talking import talk
from ops.errors import Problem

PROMOTION_SECONDS = 30
CONDITION = """
    SELECT pg_is_in_recovery(), timeline_id,
        coalesce(pg_last_wal_replay_lsn(), '0/0'),
        CASE WHEN pg_is_in_recovery() THEN
            extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END,
        EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming'),
        current_setting('synchronous_standby_names'),
        (pg_stat_file('standby.signal', true)).size IS NOT NULL
    FROM pg_control_checkpoint()
"""


@dataclass(frozen=True)
class Condition:
    """``age`` is of the last transaction that it has replayed, in seconds; who
    ``is_fenced`` starts as a replica the next time.
    """

    is_replica: bool
    timeline: int
    replayed: str
    age: float | None
    streams: bool
    waits_for: str
    is_fenced: bool
    epoch: int


def condition(region: Region) -> Condition:
    with talk(region.postgres) as cursor:
        cursor.execute(CONDITION)
        return Condition(*[*cursor.fetchone(), journal.epoch_in(cursor)])


def identity(region: Region) -> str:
    """The same of all that are copies of one server."""
    with talk(region.postgres) as cursor:
        cursor.execute("SELECT system_identifier FROM pg_control_system()")
        return str(cursor.fetchone()[0])


def place_of(region: Region) -> str:
    with talk(region.postgres) as cursor:
        cursor.execute("SHOW data_directory")
        return str(cursor.fetchone()[0])


def promote(region: Region) -> None:
    """Let it take writes, with nobody to wait for, and fence it for when it is gone.

    One that takes them already goes on to wait for whom it was told to.
    """
    with talk(region.postgres) as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        if cursor.fetchone()[0]:
            # What it was told as the primary's copy would have it wait for itself.
            feeding.demand_copies(cursor, "")
            cursor.execute("SELECT pg_promote(true, %s)", [PROMOTION_SECONDS])
            if not cursor.fetchone()[0]:
                late = f"still a replica after {PROMOTION_SECONDS} s; repeat this"
                raise Problem(f"PostgreSQL of {region.name} is {late}")
        arm(cursor)


def arm(cursor: Any) -> None:
    """Have its next start be that of a replica, whoever starts it."""
    cursor.execute("SELECT current_setting('data_directory') || '/standby.signal'")
    signal = SQL("COPY (SELECT '' WHERE false) TO {}")
    cursor.execute(signal.format(Literal(cursor.fetchone()[0])))
