"""Whether what two PostgreSQL servers have is still one history."""

from ops.dr.postgres import talk
from ops.dr.regions import Region

FORK = """
    SELECT timeline_id, pg_read_file(
        'pg_wal/' || upper(lpad(to_hex(timeline_id), 8, '0')) || '.history'
    )
    FROM pg_control_checkpoint()
"""
PARTED = """
    SELECT pg_last_wal_replay_lsn() > %s::pg_lsn
        AND NOT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE received_tli >= %s)
"""


def has_parted(region: Region, leader: Region) -> bool:
    """Whether it has what ``leader`` never got: it cannot follow, but be rewound."""
    with talk(leader.postgres) as cursor:
        # Before its first checkpoint a promoted server tells its old timeline, to
        # pg_rewind as well, which would then find nothing to do.
        cursor.execute("CHECKPOINT")
        cursor.execute(FORK)
        timeline, history = cursor.fetchone()
    with talk(region.postgres) as cursor:
        cursor.execute(PARTED, [parting(history), timeline])
        return bool(cursor.fetchone()[0])


def parting(history: str) -> str:
    """Where the newest timeline left the one before it: ``1  0/432E5F8  why``."""
    return history.strip().splitlines()[-1].split("\t")[1]
