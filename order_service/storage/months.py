"""Orders by month: which tables are cut, where, and how a month comes and goes.

An order's id begins with the moment it was made (UUIDv7; RFC 9562, 5.7), so that
who knows the id knows the month, and a month of an order's rows is a range of ids.
The tables of a month refer to each other and to no other month's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, text

# The parents' keys, in the order in which a month is opened: what others refer to
# comes first.
KEYS = {
    "orders": "id",
    "order_lines": "order_id",
    "fulfilments": "order_id",
    "order_history": "order_id",
    "refunds": "order_id",
    "payments": "order_id",
    "payment_operations": "order_id",
}
REFERRED = {
    **dict.fromkeys(KEYS, "orders (id)"),
    "payment_operations": "payments (order_id)",
}
# All that came before there were months.
BEFORE = "before"
# A shop that is not deployed for a year has other troubles.
AHEAD = 12


@dataclass(frozen=True, order=True)
class Month:
    year: int
    month: int

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        return cls(moment.year, moment.month)

    def plus(self, months: int) -> "Month":
        years, month = divmod(12 * self.year + self.month - 1 + months, 12)
        return Month(years, month + 1)

    @property
    def name(self) -> str:
        return f"{self.year}_{self.month:02}"

    @property
    def first_id(self) -> str:
        """Below the id of each order of that month, and above those before."""
        return earliest_id(date(self.year, self.month, 1))


def earliest_id(day: date) -> str:
    """Below the id of any order made on that day, which begins in UTC."""
    made = datetime(day.year, day.month, day.day, tzinfo=UTC)
    digits = f"{int(made.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def open_months(database: Connection, now: datetime, ahead: int = AHEAD) -> list[str]:
    """Make what is missing of this month and the next; the names of what was made."""
    known, last = set(names(database)), last_bound(database)
    wanted = (Month.of(now).plus(n) for n in range(ahead + 1))
    made = [m for m in wanted if m.name not in known and m.first_id >= last]
    for month in made:
        for statement in opening(month):
            database.execute(text(statement))
    return [month.name for month in made]


def opening(month: Month) -> Iterator[str]:
    """Attached, which keeps nobody from ordering, as making it in place would."""
    first, after = month.first_id, month.plus(1).first_id
    for table in KEYS:
        own = f"{table}_{month.name}"
        yield (
            f"CREATE TABLE {own}"
            f" (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        )
        yield (
            f"ALTER TABLE {table} ATTACH PARTITION {own}"
            f" FOR VALUES FROM ('{first}') TO ('{after}')"
        )
        yield from guarded(table, month.name)


def guarded(table: str, name: str) -> Iterator[str]:
    """What does not come with a partition by itself."""
    if table != "orders":
        parent, column = REFERRED[table].split(" ")
        yield (
            f"ALTER TABLE {table}_{name} ADD FOREIGN KEY (order_id)"
            f" REFERENCES {parent}_{name} {column}"
        )
    if table == "order_lines":
        yield (
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
            f" ON {table}_{name} EXECUTE FUNCTION refuse_to_change_the_past()"
        )


def everything() -> Iterator[str]:
    """One for all time, as tests have it that look at something else."""
    for table in KEYS:
        yield f"CREATE TABLE {table}_{BEFORE} PARTITION OF {table} DEFAULT"
        yield from guarded(table, BEFORE)


def names(database: Connection) -> list[str]:
    """Of the months that there are, the oldest first; what was before comes first."""
    return [name for name, _ in bounds(database)]


def last_bound(database: Connection) -> str:
    return max((until for _, until in bounds(database)), default="")


def bounds(database: Connection) -> list[tuple[str, str]]:
    """``(name, the first id that is beyond it)`` of each, in their order."""
    return [(row.name, row.until or "~") for row in database.execute(text(BOUNDS))]


BOUNDS = """
SELECT substr(leaf.relname, length('orders_') + 1) AS name,
    substring(
        pg_get_expr(leaf.relpartbound, leaf.oid) FROM 'TO \\(''(.*)''\\)'
    ) AS until
FROM pg_inherits JOIN pg_class AS leaf ON leaf.oid = inhrelid
WHERE inhparent = to_regclass('orders')
ORDER BY until
"""
