"""Months of orders that are over: taken out of the shop's tables, and kept or dropped.

What is taken out has lost what it held of people.  Its tables stay beside the others
under their own names, and still refer to each other; nobody's list shows it any more.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from order_service.storage.months import KEYS, Month, bounds

# Orders to which nothing happens any more.
ENDED = "('delivered', 'refunded', 'cancelled', 'rejected')"
OPEN = """
SELECT count(*) FROM orders_{name}
WHERE status NOT IN {ended} OR step <> 'done' OR EXISTS (
    SELECT FROM refunds_{name} WHERE order_id = orders_{name}.id AND status <> 'done'
)
"""
# As the erasure of a customer leaves it.
FORGET = (
    "UPDATE orders_{name} SET version = version + 1,"
    " shipping_address = jsonb_build_object('country', shipping_address->'country')",
    "UPDATE order_history_{name} SET details = details - 'reason'"
    " WHERE role <> 'system' AND details ? 'reason'",
    "UPDATE refunds_{name} SET reason = NULL WHERE reason IS NOT NULL",
)


@dataclass(frozen=True)
class Old:
    """A month that is over; ``waiting`` of its orders are not at their end."""

    name: str
    until_id: str
    orders: int
    waiting: int

    @property
    def is_over(self) -> bool:
        return not self.waiting


def before(database: Connection, month: Month) -> list[Old]:
    """Whatever lies wholly before that month, the oldest first."""
    return [
        looked_at(database, name, until)
        for name, until in bounds(database)
        if until <= month.first_id
    ]


def looked_at(database: Connection, name: str, until: str) -> Old:
    orders = database.scalar(text(f"SELECT count(*) FROM orders_{name}"))  # noqa: S608 # nosec B608
    waiting = database.scalar(text(OPEN.format(name=name, ended=ENDED)))
    return Old(name, until, orders or 0, waiting or 0)


def forget(database: Connection, old: Old) -> None:
    for statement in FORGET:
        # As it is: a colon or a question mark in it is PostgreSQL's own.
        database.exec_driver_sql(statement.format(name=old.name))


def detach(database: Connection, old: Old) -> bool:
    """Take it out, all tables at once, or find that something was begun there."""
    # First, and in the order of a checkout; then nothing can be begun any more.
    database.execute(text(f"LOCK TABLE {', '.join(KEYS)} IN ACCESS EXCLUSIVE MODE"))
    if not looked_at(database, old.name, old.until_id).is_over:
        return False
    for table in reversed(KEYS):
        own = f"{table}_{old.name}"
        database.execute(text(f"ALTER TABLE {table} DETACH PARTITION {own}"))
    found = {"name": old.name, "until_id": old.until_id}
    database.execute(text(ARCHIVED), found)
    return True


def archived(database: Connection) -> list[str]:
    """What was taken out and is still there, the oldest first."""
    return list(database.scalars(text(KEPT)))


def drop(database: Connection, name: str) -> None:
    for table in reversed(KEYS):
        database.execute(text(f"DROP TABLE {table}_{name}"))
    database.execute(text(DROPPED), {"name": name})


ARCHIVED = """
INSERT INTO archived_months (name, until_id, archived_at)
VALUES (:name, :until_id, now())
"""
KEPT = "SELECT name FROM archived_months WHERE dropped_at IS NULL ORDER BY until_id"
DROPPED = "UPDATE archived_months SET dropped_at = now() WHERE name = :name"
