"""What stands in the shop after a replay, and what does not."""

from dataclasses import dataclass, field
from typing import Any

from ops.replay.orders import Sale
from ops.replay.refusals import Refused, printable

MOST_FAILURES_TOLD = 20


@dataclass
class Summary:
    skipped: dict[str, int]
    orders: int = 0
    lines: int = 0
    units: int = 0
    pence: int = 0
    replayed: int = 0
    seconds: float = 0.0
    products: set[str] = field(default_factory=set)
    customers: set[str] = field(default_factory=set)
    failures: dict[str, Refused] = field(default_factory=dict)

    def enter(self, invoice: str, customer: str, outcome: Sale | Refused) -> None:
        if isinstance(outcome, Refused):
            self.failures[invoice] = outcome
        else:
            self.customers.add(customer)
            self._add(outcome)

    def _add(self, sale: Sale) -> None:
        self.orders += 1
        self.lines += sale.lines
        self.units += sale.units
        self.pence += sale.pence
        self.replayed += sale.replayed
        self.products |= sale.products

    @property
    def exit_code(self) -> int:
        return 1 if self.failures else 0

    def document(self) -> dict[str, Any]:
        return {
            "orders": self.orders,
            "lines": self.lines,
            "units": self.units,
            "revenue": self.pence,
            "products": len(self.products),
            "customers": len(self.customers),
            "skipped": self.skipped,
            "failed": len(self.failures),
            "replayed": self.replayed,
            "seconds": round(self.seconds, 2),
        }

    def table(self) -> str:
        skipped = [
            (f"skipped {reason}", f"{n:,}") for reason, n in self.skipped.items()
        ]
        rows = [
            ("orders", f"{self.orders:,} ({self.replayed:,} of them from before)"),
            ("lines", f"{self.lines:,}"),
            ("units", f"{self.units:,}"),
            ("revenue", f"GBP {self.pence // 100:,}.{self.pence % 100:02}"),
            ("products", f"{len(self.products):,}"),
            ("customers", f"{len(self.customers):,}"),
            *skipped,
            ("failed", f"{len(self.failures):,}"),
            ("seconds", f"{self.seconds:,.2f}"),
        ]
        return "\n".join(f"{name:<22}{value}" for name, value in rows)

    def complaints(self) -> list[str]:
        """One line for each invoice that became no order, while they can be read."""
        told = list(self.failures.items())[:MOST_FAILURES_TOLD]
        lines = [f"invoice {printable(number)}: {why}" for number, why in told]
        if untold := len(self.failures) - len(told):
            lines.append(f"… and {untold:,} more")
        return lines
