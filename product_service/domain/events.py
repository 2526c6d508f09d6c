"""What other services may hear about products, and cannot miss.

``version`` counts the changes of one product, so that whoever hears twice or
late can tell.
"""

from dataclasses import dataclass
from typing import ClassVar

from common.money import Money


@dataclass(frozen=True)
class ProductCreated:
    """A seller has described a product, for sale or as a draft."""

    type: ClassVar[str] = "product.created"

    product_id: str
    seller_id: str
    version: int
    status: str
    price: Money


@dataclass(frozen=True)
class ProductChanged:
    """A seller describes it otherwise; ``changed`` names the fields."""

    type: ClassVar[str] = "product.changed"

    product_id: str
    seller_id: str
    version: int
    status: str
    price: Money
    changed: list[str]


@dataclass(frozen=True)
class ProductArchived:
    """It is gone from the shop for good."""

    type: ClassVar[str] = "product.archived"

    product_id: str
    seller_id: str
    version: int
