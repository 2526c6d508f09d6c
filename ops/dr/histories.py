"""Whether what two PostgreSQL servers have is still one history."""

from ops.dr.regions import Region
from ops.dr.talking import talk

TIMELINE = "SELECT timeline_id FROM pg_control_checkpoint()"
# The first timeline has none.
HISTORY = """
    SELECT pg_read_file(
        'pg_wal/' || upper(lpad(to_hex(%s), 8, '0')) || '.history', 0, 1000000, true
    )
"""
PLACE = """
    SELECT greatest(
            (SELECT timeline_id FROM pg_control_checkpoint()),
            (SELECT min_recovery_end_timeline FROM pg_control_recovery()),
            (SELECT received_tli FROM pg_stat_wal_receiver)
        ),
        pg_last_wal_replay_lsn()
"""


def has_parted(region: Region, leader: Region) -> bool:
    """Whether it has what ``leader`` never got: it cannot follow, but be rewound."""
    with talk(leader.postgres) as cursor:
        # Before its first checkpoint a promoted server tells its old timeline, to
        # pg_rewind as well, which would then find nothing to do.
        cursor.execute("CHECKPOINT")
        cursor.execute(TIMELINE)
        [newest] = cursor.fetchone()
        cursor.execute(HISTORY, [newest])
        [history] = cursor.fetchone()
    with talk(region.postgres) as cursor:
        cursor.execute(PLACE)
        timeline, replayed = cursor.fetchone()
    return left(timeline, replayed, newest, history or "")


def left(timeline: int, replayed: str, newest: int, history: str) -> bool:
    """Whether who is at ``replayed`` of ``timeline`` is beside the way to ``newest``.

    ``history`` tells where each earlier one ended: ``1  0/432E5F8  why``.
    """
    if timeline == newest:
        return False
    ends = dict(line.split("\t")[:2] for line in history.splitlines() if "\t" in line)
    end = ends.get(str(timeline))
    return end is None or position(replayed) > position(end)


def position(lsn: str) -> int:
    high, low = lsn.split("/")
    return (int(high, 16) << 32) + int(low, 16)
