"""Idempotency keys: the same sale of the same file always carries the same one."""

import hashlib
import string
from collections.abc import Mapping
from urllib.parse import quote

from ops.replay.invoices import Invoice, Product

VISIBLE = (string.ascii_letters + string.digits + string.punctuation).replace("%", "")


def order_key(invoice: Invoice) -> str:
    return header_safe(invoice.number)


def stock_key(product: Product, product_id: str, takers: Mapping[str, int]) -> str:
    """The same for the same sales of the same product, in whatever order."""
    sold = repr((product_id, sorted(takers.items())))
    digest = hashlib.sha256(sold.encode()).hexdigest()[:16]
    return f"stock-{header_safe(product.sku)}-{digest}"


def header_safe(text: str) -> str:
    """Itself, where a header can carry it."""
    return quote(text, safe=VISIBLE)
