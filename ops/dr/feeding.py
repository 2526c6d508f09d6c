"""Which PostgreSQL feeds which, and who waits for whom."""

from typing import Any

from psycopg2.errors import DuplicateObject
from psycopg2.sql import SQL, Literal

from ops.dr.regions import Region
from ops.dr.talking import talk

FORGET = """
    SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
    WHERE slot_name = %s AND NOT active
"""


def demand_copies(cursor: Any, names: str) -> None:
    """Which replicas a commit waits for; nobody, if ``names`` is empty."""
    setting = SQL("ALTER SYSTEM SET synchronous_standby_names = {}")
    cursor.execute(setting.format(Literal(names)))
    cursor.execute("SELECT pg_reload_conf()")


def welcome(region: Region, replica: str) -> None:
    """Keep what ``replica`` has not read yet."""
    with talk(region.postgres) as cursor:
        cursor.execute(f"{FORGET} AND wal_status = 'lost'", [slot(replica)])
        try:
            cursor.execute(
                "SELECT pg_create_physical_replication_slot(%s, true)", [slot(replica)]
            )
        except DuplicateObject:
            return


def forget(region: Region, replica: str) -> None:
    """Keep nothing for one that it does not feed any more: the disk would fill."""
    with talk(region.postgres) as cursor:
        cursor.execute(FORGET, [slot(replica)])


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
