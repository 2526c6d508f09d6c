"""From what a seller sends to what a product shall be."""

from datetime import datetime
from typing import Any

from common.schemas import parse, show
from product_service.domain.product import Product
from product_service.merging import merged
from product_service.schemas import ProductDraft, ProductPatch, ProductRow


def offered(draft: Any, product_id: str, seller_id: str, now: datetime) -> Product:
    """A new product, as ``draft`` describes it."""
    fields = parse(ProductDraft, draft)
    return Product(
        id=product_id, seller_id=seller_id, created_at=now, updated_at=now, **fields
    )


def changed(product: Product, patch: Any) -> dict[str, Any]:
    """The fields of ``product`` with ``patch`` merged into them."""
    parse(ProductPatch, patch)
    return merged_fields(product, patch)


def changed_by_row(product: Product, row: Any) -> dict[str, Any]:
    """The same for a row of a batch, which names the product by its sku."""
    parse(ProductRow, row)
    return merged_fields(product, row)


def merged_fields(product: Product, patch: Any) -> dict[str, Any]:
    found: dict[str, Any] = parse(
        ProductDraft, merged(show(ProductDraft, product), patch)
    )
    return found
