"""Who may sign in, and as what."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from user_service.domain import errors
from user_service.domain.session import End


class Role(StrEnum):
    CUSTOMER = "customer"
    SELLER = "seller"
    SUPPORT = "support"
    ADMIN = "admin"


@dataclass
class Account:
    """``sessions_end`` says why, when all its sessions end as it is saved."""

    id: str
    email: str
    password_hash: str
    created_at: datetime
    roles: frozenset[Role] = frozenset({Role.CUSTOMER})
    seller_id: str | None = None
    password_changed_at: datetime | None = None
    sessions_end: End | None = None

    def sell_as(self, seller_id: str, active: bool) -> None:
        """Hold the role of a seller while the shop is active."""
        if active:
            self.seller_id = seller_id
            self.become(self.roles | {Role.SELLER})
        else:
            self.seller_id = None
            self.become(self.roles - {Role.SELLER})

    def hold(self, roles: Set[Role], others_administer: bool) -> None:
        """Have just these roles; raises where the shop would be worse off."""
        if Role.SELLER in roles and self.seller_id is None:
            raise errors.seller_role_needs_shop()
        if Role.ADMIN in self.roles - roles and not others_administer:
            raise errors.last_admin()
        self.become(roles)

    def become(self, roles: Set[Role]) -> None:
        # A token tells the roles of its day, so it goes with any of them.
        if self.roles - roles:
            self.sessions_end = End.ROLE_LOST
        self.roles = frozenset(roles)

    def change_password(self, password_hash: str, why: End, now: datetime) -> None:
        self.password_hash, self.password_changed_at = password_hash, now
        self.sessions_end = why

    def same_password_as(self, earlier: "Account") -> bool:
        """Whether what fitted ``earlier`` fits still, however it is hashed by now."""
        return self.password_changed_at == earlier.password_changed_at

    def claims(self) -> dict:
        sells = self.seller_id and Role.SELLER in self.roles
        shop = {"seller_id": self.seller_id} if sells else {}
        return {"sub": self.id, "roles": self.sorted_roles, **shop}

    @property
    def sorted_roles(self) -> list[Role]:
        return sorted(self.roles)
