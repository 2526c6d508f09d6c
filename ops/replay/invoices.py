"""What a file of invoices asks a shop to sell."""

from collections.abc import Container
from dataclasses import dataclass, field, replace
from pathlib import Path

from ops.replay import source
from ops.replay.complaints import MOST_TOLD
from ops.replay.refusals import printable
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
    malformed: dict[int, str] = field(default_factory=dict)
    lines_read: int = 0

    def enter(self, number: int, line: bytes, layout: Layout) -> None:
        self.lines_read += 1
        try:
            row = layout.read(line)
        except Malformed as exc:
            self._leave_out(number, exc)
            return
        if reason := reason_to_skip(row):
            self.skipped[reason] += 1
        else:
            self.sell(row)

    def _leave_out(self, number: int, why: Malformed) -> None:
        """Reasons nobody will be told are not kept: any file may be the wrong one."""
        self.skipped["malformed"] += 1
        if len(self.malformed) < MOST_TOLD:
            self.malformed[number] = printable(str(why))

    def sell(self, row: Row) -> None:
        product = Product(row.code, row.pence)
        invoice = self.invoices.setdefault(row.invoice, Invoice(row.invoice))
        invoice.add(product, row)
        if not self.descriptions.get(product):
            self.descriptions[product] = row.description

    def without(self, numbers: Container[str]) -> "Book":
        """The other invoices, and the products they need: no others are made."""
        kept = {n: i for n, i in self.invoices.items() if n not in numbers}
        sold = {product for invoice in kept.values() for product in invoice.lines}
        told = {p: text for p, text in self.descriptions.items() if p in sold}
        return replace(self, invoices=kept, descriptions=told)

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
    _, first_line = next(found, (1, b""))
    layout = layout_of(first_line)
    book = Book()
    for number, line in found:
        book.enter(number, line, layout)
    return book


def layout_of(first_line: bytes) -> Layout:
    if not first_line:
        raise source.UnreadableFile("it is empty")
    try:
        return Layout(cells(first_line))
    except Malformed as exc:
        raise source.UnreadableFile(f"not a file of invoices: {exc}") from None
