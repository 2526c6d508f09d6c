"""What a customer may look for in the catalogue."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from product_service.domain.product import Product
from product_service.domain.words import asked_words


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
    facets: bool = False
    limit: int = 20
    cursor: list | None = None
    # The words, where somebody knows a better order for them.
    in_turn: list[str] | None = None

    @property
    def words(self) -> list[str] | None:
        """None where none are asked for; empty where they say nothing."""
        if self.q is None:
            return None
        return asked_words(self.q) if self.in_turn is None else self.in_turn

    @property
    def order(self) -> Sort:
        """Relevance needs words to be relevant to; else the newest come first."""
        if self.q:
            return self.sort or Sort.RELEVANCE
        return Sort.NEWEST if self.sort in (None, Sort.RELEVANCE) else self.sort


@dataclass(frozen=True)
class Place:
    """Where a page ended: after ``product_id``, whose ``key`` decided its place.

    The key is a price, or the tier of what is relevant, as it was at ``moment``:
    MongoDB's time, in seconds and changes within the second.
    """

    product_id: str
    key: int = 0
    moment: tuple[int, int] | None = None

    @classmethod
    def read(cls, cursor: list[Any]) -> "Place":
        *keys, product_id = cursor
        if not keys:
            return cls(product_id)
        key, seconds, change = keys
        return cls(product_id, key, (seconds, change))

    def written(self) -> list[Any]:
        if self.moment is None:
            return [self.product_id]
        return [self.key, *self.moment, self.product_id]


@dataclass(frozen=True)
class Found:
    """A page of products, and where the next one begins, if there is one."""

    products: list[Product]
    end: Place | None = None
    facets: dict[str, Any] | None = field(default=None)
