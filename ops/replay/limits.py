"""What the shop takes as one order, known before anything is made for it.

The gateway would say so too, but only once the products are there and their
stock is raised; nobody would ever buy it.
"""

from ops.replay.invoices import Book, Invoice
from ops.replay.refusals import Refused

MOST_LINES, MOST_PIECES = 1_000, 10_000


def refusals(book: Book) -> dict[str, Refused]:
    """Why which invoices can be no order."""
    judged = {number: refusal_of(i) for number, i in book.invoices.items()}
    return {number: refused for number, refused in judged.items() if refused}


def refusal_of(invoice: Invoice) -> Refused | None:
    return too_many_lines(invoice) or too_many_pieces(invoice)


def too_many_lines(invoice: Invoice) -> Refused | None:
    if (found := len(invoice.lines)) <= MOST_LINES:
        return None
    why = f"{found:,} products; the shop takes {MOST_LINES:,} in one order"
    return Refused(0, "too_many_lines", why)


def too_many_pieces(invoice: Invoice) -> Refused | None:
    product, found = max(invoice.lines.items(), key=lambda line: line[1])
    if found <= MOST_PIECES:
        return None
    why = f"{found:,} of {product.sku}; the shop takes {MOST_PIECES:,} in one order"
    return Refused(0, "too_many_pieces", why)
