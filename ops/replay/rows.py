"""One line of an invoice file: what it says, or why it is no sale."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from reprlib import repr as excerpt

from ops.replay.source import LONGEST_LINE, OVERLONG

COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "UnitPrice",
    "CustomerID",
    "Country",
)
ABSURD_POUNDS = Decimal(1_000_000)
MOST_DIGITS = 9

WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
DECIMAL_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?", re.I)
GOODS = re.compile(r"[0-9]{5}")


class Malformed(Exception):
    """The line does not say what a line of this form says."""


@dataclass(frozen=True, slots=True)
class Row:
    invoice: str
    code: str
    description: str
    quantity: int
    pence: int
    customer: str
    country: str


# The first that holds is the reason.  A price below half a penny is no price:
# nobody can be asked to pay it.
RULES: tuple[tuple[str, Callable[[Row], bool]], ...] = (
    ("cancellation", lambda row: row.invoice.startswith("C")),
    ("not_goods", lambda row: not GOODS.match(row.code)),
    ("not_a_sale", lambda row: row.quantity <= 0),
    ("no_price", lambda row: row.pence <= 0),
)
REASONS = (*(reason for reason, _ in RULES), "malformed")


def reason_to_skip(row: Row) -> str | None:
    return next((reason for reason, holds in RULES if holds(row)), None)


class Layout:
    """Where each column stands, by the names in the file's first line."""

    def __init__(self, names: Sequence[str]) -> None:
        missing = [name for name in COLUMNS if name not in names]
        if missing:
            raise Malformed(f"it has no column {', '.join(missing)}")
        self._width = len(names)
        self._places = {name: names.index(name) for name in COLUMNS}

    def read(self, raw: bytes) -> Row:
        found = cells(raw)
        if len(found) != self._width:
            raise Malformed(f"{len(found)} columns, not {self._width}")
        return row_of({name: found[place] for name, place in self._places.items()})


def cells(raw: bytes) -> list[str]:
    """Split one physical line; the form has one row per line.

    Read so, a quote nobody closes costs its own line and not the rest of the file.
    """
    if raw == OVERLONG:
        raise Malformed(f"longer than {LONGEST_LINE:,} bytes")
    try:
        text = raw.decode()
        found = next(csv.reader([text], strict=True), [])
    except (UnicodeDecodeError, csv.Error) as exc:
        raise Malformed(str(exc)) from None
    if "\0" in text:
        raise Malformed("it holds a NUL")
    return [cell.strip() for cell in found]


def row_of(told: dict[str, str]) -> Row:
    if not told["InvoiceNo"] or not told["StockCode"]:
        raise Malformed("no InvoiceNo or no StockCode")
    return Row(
        invoice=told["InvoiceNo"],
        code=told["StockCode"],
        description=told["Description"],
        quantity=whole_number(told["Quantity"]),
        pence=pence_of(told["UnitPrice"]),
        customer=told["CustomerID"],
        country=told["Country"],
    )


def whole_number(text: str) -> int:
    if not WHOLE_NUMBER.fullmatch(text):
        raise Malformed(f"quantity {excerpt(text)} is not a whole number")
    if len(text.lstrip("+-")) > MOST_DIGITS:
        raise Malformed(f"quantity {excerpt(text)} has more than {MOST_DIGITS} digits")
    return int(text)


def pence_of(text: str) -> int:
    """Pounds in words to pence, half a penny up."""
    if not DECIMAL_NUMBER.fullmatch(text):
        raise Malformed(f"price {excerpt(text)} is not a decimal number")
    pounds = Decimal(text)
    if abs(pounds) >= ABSURD_POUNDS:
        raise Malformed(f"price {excerpt(text)} is not below {ABSURD_POUNDS:,} pounds")
    return int(pounds.quantize(Decimal("0.01"), ROUND_HALF_UP).scaleb(2))
