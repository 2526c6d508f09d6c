"""``/v1/users/{user_id}/roles``: what somebody may do."""

from typing import Any

from common.wire import ServiceRpc
from gateway.http import http
from gateway.request import Request


class RoleResource:
    auth = ServiceRpc("auth_service")

    @http(
        "PUT",
        "/v1/users/<id:user_id>/roles",
        takes="user_service.RolesDraft",
        gives="user_service.AccountView",
    )
    def set_roles(self, request: Request, user_id: str) -> dict[str, Any]:
        """Give somebody just these roles.

        Who loses one has to sign in again.
        """
        return self.auth.set_roles(user_id=user_id, draft=request.document)
