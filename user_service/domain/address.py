"""Where a person has things sent: a book of addresses, one of them the default."""

from dataclasses import dataclass, field, replace
from typing import Any

from user_service.domain import errors

MOST_ADDRESSES = 50


@dataclass(frozen=True)
class Address:
    id: str
    full_name: str
    line1: str
    city: str
    postal_code: str
    country: str
    line2: str | None = None
    region: str | None = None
    phone: str | None = None
    is_default: bool = False


@dataclass
class AddressBook:
    """One person's addresses, the oldest first."""

    user_id: str
    addresses: list[Address] = field(default_factory=list)

    def find(self, address_id: str) -> Address:
        for address in self.addresses:
            if address.id == address_id:
                return address
        raise errors.no_such_address(address_id)

    def add(self, address: Address) -> Address:
        if len(self.addresses) >= MOST_ADDRESSES:
            raise errors.too_many_addresses(MOST_ADDRESSES)
        self.addresses.append(address)
        return self.settled(address)

    def change(self, address_id: str, fields: dict[str, Any]) -> Address:
        """The default stays it until another becomes it; raises if it is not to be."""
        before = self.find(address_id)
        if before.is_default and not fields.get("is_default", True):
            raise errors.one_default_needed()
        address = replace(before, **fields)
        self.addresses[self.addresses.index(before)] = address
        return self.settled(address)

    def remove(self, address_id: str) -> None:
        self.addresses.remove(self.find(address_id))
        if self.addresses:
            self.settle(self.default or self.addresses[-1])

    @property
    def default(self) -> Address | None:
        return next((one for one in self.addresses if one.is_default), None)

    def settled(self, changed: Address) -> Address:
        """``changed`` as it is once there is exactly one default again."""
        self.settle(changed if changed.is_default else self.default or changed)
        return self.find(changed.id)

    def settle(self, default: Address) -> None:
        self.addresses = [
            replace(one, is_default=one.id == default.id) for one in self.addresses
        ]
