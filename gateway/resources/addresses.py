"""``/v1/users/me/addresses``: where a person has things sent."""

from typing import Any

from common.wire import ServiceRpc
from gateway.http import Answer, http, replayed
from gateway.request import Request


class AddressResource:
    users = ServiceRpc("user_service")

    @http(
        "GET",
        "/v1/users/me/addresses",
        query="common.PageDraft",
        gives="[user_service.SavedAddress]",
    )
    def list_addresses(self, request: Request) -> dict[str, Any]:
        """List your addresses, the oldest first."""
        return self.users.list_addresses(query=request.query)

    @http(
        "POST",
        "/v1/users/me/addresses",
        takes="user_service.AddressDraft",
        gives="user_service.SavedAddress",
        status=201,
        keyable=True,
    )
    def add_address(self, request: Request) -> Answer:
        """Keep an address; the first one is the default, whatever it says."""
        added = self.users.add_address(draft=request.document, **request.optional_key)
        address = added["address"]
        location = {"Location": f"/v1/users/me/addresses/{address['id']}"}
        return Answer(address, headers=location | replayed(added))

    @http(
        "GET",
        "/v1/users/me/addresses/<id:address_id>",
        gives="user_service.SavedAddress",
    )
    def get_address(self, request: Request, address_id: str) -> dict[str, Any]:
        """Read one of your addresses."""
        return self.users.get_address(address_id=address_id)

    @http(
        "PATCH",
        "/v1/users/me/addresses/<id:address_id>",
        takes="user_service.AddressPatch",
        gives="user_service.SavedAddress",
    )
    def change_address(self, request: Request, address_id: str) -> dict[str, Any]:
        """Change one of your addresses; `is_default` makes it the default.

        The default stays it until another becomes it.
        """
        return self.users.change_address(address_id=address_id, draft=request.document)

    @http(
        "DELETE",
        "/v1/users/me/addresses/<id:address_id>",
        status=204,
    )
    def remove_address(self, request: Request, address_id: str) -> None:
        """Forget an address.

        If it was the default, the newest of those that are left becomes it.
        """
        self.users.remove_address(address_id=address_id)
