"""What a customer may look for in the catalogue."""

from dataclasses import dataclass
from enum import StrEnum

from product_service.domain.product import Product


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    CHEAPEST = "price"
    DEAREST = "-price"


@dataclass(frozen=True)
class ProductQuery:
    """Prices are minor units; ``cursor`` is where the last page ended."""

    q: str | None = None
    category: str | None = None
    seller_id: str | None = None
    min_price: int | None = None
    max_price: int | None = None
    in_stock: bool | None = None
    sort: Sort | None = None
    limit: int = 20
    cursor: list | None = None

    @property
    def order(self) -> Sort:
        """Relevance needs words to be relevant to; else the newest come first."""
        if self.q:
            return self.sort or Sort.RELEVANCE
        return Sort.NEWEST if self.sort in (None, Sort.RELEVANCE) else self.sort


@dataclass(frozen=True)
class Hit:
    """A product found, and where it stands in the list."""

    product: Product
    position: list
