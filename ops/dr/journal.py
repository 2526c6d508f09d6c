"""What a PostgreSQL has written down of the epochs in which it was opened."""

from datetime import datetime
from typing import Any

from ops.dr.epoch import Epoch
from ops.dr.regions import Region
from ops.dr.talking import talk

EPOCHS = """
    CREATE TABLE IF NOT EXISTS shopnow_epochs (
        number integer PRIMARY KEY,
        region text NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        told_at timestamptz
    )
"""
WRITE = """
    INSERT INTO shopnow_epochs (number, region) VALUES (%s, %s) ON CONFLICT DO NOTHING
"""
# Once it takes writes, that of the last change which it got from another.
LAST_HEARD = """
    SELECT told_at, coalesce(pg_last_xact_replay_timestamp(), at)
    FROM shopnow_epochs WHERE number = %s
"""


def epoch_in(cursor: Any) -> int:
    cursor.execute("SELECT to_regclass('shopnow_epochs') IS NOT NULL")
    if not cursor.fetchone()[0]:
        return 0
    cursor.execute("SELECT coalesce(max(number), 0) FROM shopnow_epochs")
    return int(cursor.fetchone()[0])


def write_down(region: Region, epoch: Epoch) -> None:
    with talk(region.postgres) as cursor:
        cursor.execute(EPOCHS)
        cursor.execute(WRITE, [epoch.number, epoch.region])


def untold_since(region: Region, epoch: Epoch) -> datetime | None:
    """When it heard of the region before it last; nothing, if its events were told."""
    with talk(region.postgres) as cursor:
        cursor.execute(LAST_HEARD, [epoch.number])
        told_at, last_heard = cursor.fetchone()
        return None if told_at else last_heard


def note_told(region: Region, epoch: Epoch) -> None:
    with talk(region.postgres) as cursor:
        note = "UPDATE shopnow_epochs SET told_at = now() WHERE number = %s"
        cursor.execute(note, [epoch.number])
