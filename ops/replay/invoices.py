"""What a file of invoices asks a shop to sell."""

from dataclasses import dataclass, field
from pathlib import Path

from ops.replay import source
from ops.replay.rows import REASONS, Layout, Malformed, Row, cells, reason_to_skip


@dataclass(frozen=True, slots=True, order=True)
class Product:
    """The same code at another price is another product."""

    code: str
    pence: int

    @property
    def sku(self) -> str:
        return f"{self.code}-{self.pence}"

    @property
    def seller(self) -> str:
        return self.code[:2]


@dataclass(slots=True)
class Invoice:
    number: str
    customer: str = ""
    country: str = ""
    lines: dict[Product, int] = field(default_factory=dict)

    def add(self, product: Product, row: Row) -> None:
        self.customer = self.customer or row.customer
        self.country = self.country or row.country
        self.lines[product] = self.lines.get(product, 0) + row.quantity


@dataclass
class Book:
    """Invoices in the order they first appear, and what was left out."""

    invoices: dict[str, Invoice] = field(default_factory=dict)
    descriptions: dict[Product, str] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=lambda: dict.fromkeys(REASONS, 0))
    lines_read: int = 0

    def enter(self, line: bytes, layout: Layout) -> None:
        self.lines_read += 1
        try:
            row = layout.read(line)
        except Malformed:
            self.skipped["malformed"] += 1
            return
        if reason := reason_to_skip(row):
            self.skipped[reason] += 1
        else:
            self.sell(row)

    def sell(self, row: Row) -> None:
        product = Product(row.code, row.pence)
        invoice = self.invoices.setdefault(row.invoice, Invoice(row.invoice))
        invoice.add(product, row)
        if not self.descriptions.get(product):
            self.descriptions[product] = row.description

    def demand(self) -> dict[Product, dict[str, int]]:
        """How many pieces of each product every invoice takes."""
        wanted: dict[Product, dict[str, int]] = {p: {} for p in self.descriptions}
        for invoice in self.invoices.values():
            for product, quantity in invoice.lines.items():
                wanted[product][invoice.number] = quantity
        return wanted


def read(path: Path) -> Book:
    """Read the whole file before anything is sold from it."""
    found = source.lines(path)
    layout = layout_of(next(found, b""))
    book = Book()
    for line in found:
        book.enter(line, layout)
    return book


def layout_of(first_line: bytes) -> Layout:
    if not first_line:
        raise source.UnreadableFile("it is empty")
    try:
        return Layout(cells(first_line))
    except Malformed as exc:
        raise source.UnreadableFile(f"not a file of invoices: {exc}") from None
