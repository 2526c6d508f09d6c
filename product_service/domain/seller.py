"""A shop in the marketplace, and whether it may sell."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from product_service.domain import errors


class Status(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass
class Seller:
    id: str
    user_id: str
    name: str
    description: str
    created_at: datetime
    status: Status = Status.PENDING
    version: int = 1

    def become(self, status: Status) -> None:
        """Take ``status``; taking the one it has is silent, and closed is for good."""
        if status is not self.status:
            if self.status is Status.CLOSED:
                raise errors.seller_closed(self.id)
            self.status = status
            self.version += 1

    def must_be_at(self, version: int | None) -> None:
        """Refuse who decides on an older version; None is for who did not look."""
        if version not in (None, self.version):
            raise errors.stale()

    @property
    def is_active(self) -> bool:
        return self.status is Status.ACTIVE

    def must_be_active(self) -> None:
        if not self.is_active:
            raise errors.seller_not_active(self.id)
