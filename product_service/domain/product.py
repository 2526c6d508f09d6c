"""A product as its seller describes it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from common.money import Money


class Status(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"


@dataclass
class Product:
    id: str
    seller_id: str
    sku: str
    title: str
    description: str
    category: str
    price: Money
    created_at: datetime
    updated_at: datetime
    attributes: dict[str, str] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)
    status: Status = Status.ACTIVE
    seller_active: bool = True
    version: int = 1
    available: int = 0
    reserved: int = 0

    @property
    def for_sale(self) -> bool:
        return self.status is Status.ACTIVE and self.seller_active

    def visible_to(self, seller_id: str | None) -> bool:
        """What is not for sale is seen by its seller alone."""
        return self.for_sale or self.seller_id == seller_id


@dataclass(frozen=True)
class Category:
    slug: str
    name: str
    parent: str | None = None
