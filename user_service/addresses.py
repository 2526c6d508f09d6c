"""Entrypoints of user_service for the addresses of the caller."""

from typing import Any

from common.ids import new_id
from common.pages import PageDraft, page
from common.schemas import parse, show
from common.wire import rpc
from user_service.domain.address import Address
from user_service.domain.sign_up import claimed
from user_service.schemas import AddressDraft, AddressPatch, SavedAddress


class AddressEntrypoints:
    store: Any
    identity: Any
    clock: Any

    @rpc
    def list_addresses(self, query: dict) -> dict[str, Any]:
        user_id, wanted = self.identity.caller.id, parse(PageDraft, query)
        with self.store.addresses() as addresses:
            found = addresses.of_user(user_id, **wanted)
        return page(
            found,
            wanted["limit"],
            dump=lambda address: show(SavedAddress, address),
            position=lambda address: [address.id],
        )

    @rpc
    def add_address(
        self, draft: dict, key: str | None = None, fingerprint: str | None = None
    ) -> dict[str, Any]:
        """``{"address": ..., "replayed": bool}``; once per ``key`` of a person."""
        user_id, fields = self.identity.caller.id, parse(AddressDraft, draft)
        claim = claimed(key, fingerprint)
        with self.store.addresses() as addresses:
            book = addresses.get(user_id)
            known = addresses.answered(user_id, claim)
            if known:
                return {"address": known, "replayed": True}
            answer = show(SavedAddress, book.add(Address(new_id(), **fields)))
            addresses.save(book)
            addresses.answer(user_id, claim, answer, self.clock.now())
        return {"address": answer, "replayed": False}

    @rpc
    def get_address(self, address_id: str) -> dict[str, Any]:
        user_id = self.identity.caller.id
        with self.store.addresses() as addresses:
            return show(SavedAddress, addresses.find(user_id, address_id))

    @rpc
    def change_address(self, address_id: str, draft: dict) -> dict[str, Any]:
        user_id, fields = self.identity.caller.id, parse(AddressPatch, draft)
        with self.store.addresses() as addresses:
            book = addresses.get(user_id)
            answer = show(SavedAddress, book.change(address_id, fields))
            addresses.save(book)
        return answer

    @rpc
    def remove_address(self, address_id: str) -> None:
        user_id = self.identity.caller.id
        with self.store.addresses() as addresses:
            book = addresses.get(user_id)
            book.remove(address_id)
            addresses.save(book)
