"""What stands in the shop after a replay, and what does not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ops.replay.complaints import told
from ops.replay.invoices import Book
from ops.replay.orders import Sale
from ops.replay.refusals import Refused, printable


@dataclass
class Summary:
    skipped: dict[str, int]
    malformed: dict[int, str]
    orders: int = 0
    lines: int = 0
    units: int = 0
    pence: int = 0
    replayed: int = 0
    seconds: float = 0.0
    products: set[str] = field(default_factory=set)
    customers: set[str] = field(default_factory=set)
    failures: dict[str, Refused] = field(default_factory=dict)

    @classmethod
    def of(cls, book: Book) -> "Summary":
        """Nothing is sold yet; what the file holds is known."""
        return cls(book.skipped, book.malformed)

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

    def complaints(self) -> Iterator[str]:
        """A line of the file nobody could read may be half of an invoice that sold."""
        spoilt = (f"line {n}: malformed: {why}" for n, why in self.malformed.items())
        yield from told(spoilt, self.skipped["malformed"])
        failed = (f"invoice {printable(n)}: {why}" for n, why in self.failures.items())
        yield from told(failed, len(self.failures))
