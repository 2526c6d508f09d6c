"""A product as its seller describes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from common.money import Money
from product_service.domain import errors
from product_service.domain.categories import Category
from product_service.domain.events import (
    ProductArchived,
    ProductChanged,
    ProductCreated,
)


class Status(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


# Those that a seller chooses between; archived is for good.
LIVE = (Status.DRAFT, Status.ACTIVE)


@dataclass
class Product:
    """``category_path`` are the slugs from the root to ``category``."""

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
    category_path: list[str] = field(default_factory=list)
    category_names: list[str] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)

    @property
    def for_sale(self) -> bool:
        return self.status is Status.ACTIVE and self.seller_active

    def visible_to(self, seller_id: str | None) -> bool:
        """What is not for sale is seen by its seller alone."""
        return self.for_sale or self.seller_id == seller_id

    def must_be_at(self, version: int) -> None:
        """Refuse who decides on an older version."""
        if version != self.version:
            raise errors.stale()

    def offer(self, path: Sequence[Category]) -> None:
        """Enter the catalogue, in the category at the end of ``path``."""
        self.file(path)
        event = ProductCreated(
            self.id, self.seller_id, self.version, self.status.value, self.price
        )
        self.events.append(event)

    def become(
        self, fields: Mapping[str, Any], path: Sequence[Category], now: datetime
    ) -> None:
        """Be described as ``fields`` say; what it is already is silent."""
        if self.status is Status.ARCHIVED:
            raise errors.product_archived(self.id)
        changed = sorted(n for n, value in fields.items() if getattr(self, n) != value)
        if not changed:
            return
        for name in changed:
            setattr(self, name, fields[name])
        self.file(path)
        self.touch(now)
        event = ProductChanged(
            self.id,
            self.seller_id,
            self.version,
            self.status.value,
            self.price,
            changed,
        )
        self.events.append(event)

    def archive(self, now: datetime) -> None:
        """Leave the catalogue; leaving it twice is silent."""
        if self.status is not Status.ARCHIVED:
            self.status = Status.ARCHIVED
            self.touch(now)
            event = ProductArchived(self.id, self.seller_id, self.version)
            self.events.append(event)

    def file(self, path: Sequence[Category]) -> None:
        self.category_path = [each.slug for each in path]
        self.category_names = [each.name for each in path]

    def touch(self, now: datetime) -> None:
        self.version += 1
        self.updated_at = now
