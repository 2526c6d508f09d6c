"""All that is checked, and how much of it there is."""

from ops.audit import (
    bearers,
    ledger,
    movements,
    offers,
    operations,
    orders,
    payment_reading,
    reservation_reading,
    shares,
    shelf_reading,
    tellings,
    waiting,
)
from ops.audit.faults import Fault
from ops.audit.stores import View

CHECKS = (
    *shelf_reading.CHECKS,
    *movements.CHECKS,
    *offers.CHECKS,
    *reservation_reading.CHECKS,
    *orders.CHECKS,
    *tellings.CHECKS,
    *payment_reading.CHECKS,
    *operations.CHECKS,
    *ledger.CHECKS,
    *bearers.CHECKS,
    *shares.CHECKS,
    *waiting.CHECKS,
)
COLLECTIONS = ("products", "stock_movements", "stock_reservations")
TABLES = {
    "orders": (
        "orders",
        "order_lines",
        "fulfilments",
        "payments",
        "refunds",
        "ledger_entries",
        "payouts",
        "outbox",
    ),
    "users": ("outbox",),
    "auth": ("outbox",),
}


def faults() -> set[Fault]:
    return {fault for check in CHECKS for fault in check.faults}


def counts(view: View) -> dict[str, int]:
    """How many of what were gone through."""
    found = {name: documents(view, name) for name in COLLECTIONS}
    for database, tables in TABLES.items():
        for table in tables:
            name = "events" if table == "outbox" else table
            found[name] = found.get(name, 0) + view.count(database, table)
    return found


def documents(view: View, collection: str) -> int:
    [counted] = [*view.documents(collection, {"$count": "found"})] or [{"found": 0}]
    return int(counted["found"])
