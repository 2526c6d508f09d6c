"""Where people's addresses live: each sealed as a whole.

Who changes an address book has the person's row locked, so that two changes at
once happen one after the other, and none happens to somebody who is gone.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Database

from common.idempotency import prune
from common.json import dumps, loads
from common.sealing import Seal
from user_service.domain import errors
from user_service.domain.address import MOST_ADDRESSES, Address, AddressBook
from user_service.domain.sign_up import Claim
from user_service.storage.models import AddressKeyRow, AddressRow, ProfileRow
from user_service.storage.sealed import of_address, of_answer

OPEN = ("id", "is_default")


class AddressRepository:
    def __init__(self, database: Database, seal: Seal) -> None:
        self.database, self.seal = database, seal

    def get(self, user_id: str) -> AddressBook:
        """The book to change, locked until the transaction ends."""
        person = select(ProfileRow.id).filter_by(id=user_id).with_for_update()
        if self.database.scalar(person) is None:
            raise errors.no_such_user(user_id)
        return AddressBook(user_id, self.of_user(user_id, MOST_ADDRESSES, None))

    def of_user(self, user_id: str, limit: int, cursor: list | None) -> list[Address]:
        """Up to ``limit + 1`` addresses, the oldest first."""
        wanted = select(AddressRow).filter_by(user_id=user_id)
        if cursor:
            wanted = wanted.where(AddressRow.id > cursor[-1])
        oldest = wanted.order_by(AddressRow.id).limit(limit + 1)
        return [self.opened(row) for row in self.database.scalars(oldest)]

    def find(self, user_id: str, address_id: str) -> Address:
        """Another person's address does not exist for this one."""
        row = self.database.get(AddressRow, address_id)
        if row is None or row.user_id != user_id:
            raise errors.no_such_address(address_id)
        return self.opened(row)

    def save(self, book: AddressBook) -> None:
        """Keep what has changed; the one that is default no more goes first."""
        kept = self.of_user(book.user_id, MOST_ADDRESSES, None)
        known = {address.id: address for address in kept}
        gone = known.keys() - {address.id for address in book.addresses}
        self.database.execute(delete(AddressRow).where(AddressRow.id.in_(gone)))
        changed = [one for one in book.addresses if known.get(one.id) != one]
        for address in sorted(changed, key=lambda one: one.is_default):
            self.database.merge(self.closed(address, book.user_id))
            self.database.flush()

    def answered(self, user_id: str, claim: Claim | None) -> dict[str, Any] | None:
        """The answer given under this key before; None when there is none."""
        if claim is None:
            return None
        known = self.database.get(AddressKeyRow, (user_id, claim.key_hash))
        if known is None:
            return None
        if known.fingerprint != claim.fingerprint:
            raise errors.idempotency_key_reused()
        answer: dict[str, Any] = loads(self.seal.open(known.answer, of_answer(known)))
        return answer

    def answer(
        self, user_id: str, claim: Claim | None, answer: dict[str, Any], now: datetime
    ) -> None:
        """Pin the answer to the key, if there is one."""
        if claim is None:
            return
        row = AddressKeyRow(user_id=user_id, created_at=now, **vars(claim))
        row.answer = self.seal.close(dumps(answer).decode(), of_answer(row))
        self.database.add(row)

    def forget_keys(self, before: datetime) -> None:
        prune(self.database, AddressKeyRow, AddressKeyRow.created_at < before)

    def closed(self, address: Address, user_id: str) -> AddressRow:
        private = {k: v for k, v in vars(address).items() if k not in OPEN}
        row = AddressRow(id=address.id, user_id=user_id, is_default=address.is_default)
        row.sealed = self.seal.close(dumps(private).decode(), of_address(row))
        return row

    def opened(self, row: AddressRow) -> Address:
        private = loads(self.seal.open(row.sealed, of_address(row)))
        return Address(id=row.id, is_default=row.is_default, **private)
