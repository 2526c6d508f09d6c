"""Who may sign in, and as what."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    CUSTOMER = "customer"
    SELLER = "seller"
    SUPPORT = "support"
    ADMIN = "admin"


@dataclass
class Account:
    id: str
    email: str
    password_hash: str
    created_at: datetime
    roles: frozenset[Role] = frozenset({Role.CUSTOMER})
    seller_id: str | None = None

    def sell_as(self, seller_id: str, active: bool) -> None:
        """Hold the role of a seller while the shop is active."""
        if active:
            self.roles |= {Role.SELLER}
            self.seller_id = seller_id
        else:
            self.roles -= {Role.SELLER}
            self.seller_id = None

    def claims(self) -> dict:
        shop = {"seller_id": self.seller_id} if self.seller_id else {}
        return {"sub": self.id, "roles": sorted(self.roles), **shop}
