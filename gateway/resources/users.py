"""``/v1/users``: who signs up, and who they are."""

from typing import Any

from common.wire import ServiceRpc
from gateway.auth import ANYONE, SIGNED_IN, only
from gateway.http import Answer, http, replayed
from gateway.request import Request

ADMIN = only("admin")


class UserResource:
    users = ServiceRpc("user_service")

    @http(
        "POST",
        "/v1/users",
        allow=ANYONE,
        takes="user_service.UserDraft",
        gives="user_service.UserView",
        status=201,
        value="high",
        limited="sign_in",
        keyable=True,
    )
    def register_user(self, request: Request) -> Answer:
        """Sign up."""
        signed_up = self.users.register_user(
            draft=request.document, **request.optional_key
        )
        location = {"Location": "/v1/users/me"}
        return Answer(signed_up["user"], headers=location | replayed(signed_up))

    @http("GET", "/v1/users/me", allow=SIGNED_IN, gives="user_service.UserView")
    def get_user(self, request: Request) -> dict[str, Any]:
        """Read your own profile."""
        return self.users.get_user()

    @http(
        "PATCH",
        "/v1/users/me",
        allow=SIGNED_IN,
        takes="user_service.UserPatch",
        gives="user_service.UserView",
    )
    def change_user(self, request: Request) -> dict[str, Any]:
        """Change your own profile."""
        return self.users.change_user(draft=request.document)

    @http("DELETE", "/v1/users/me", allow=SIGNED_IN, status=204)
    def erase_user(self, request: Request) -> None:
        """Close your account, for good.

        Within a minute nothing is left of you: orders stay, without name and address.
        """
        self.users.erase_user()

    @http(
        "GET",
        "/v1/users/me/export",
        allow=SIGNED_IN,
        gives="user_service.ExportView",
        value="low",
    )
    def export_user(self, request: Request) -> dict[str, Any]:
        """Read all that the shop keeps of you."""
        return self.users.export_user()

    @http(
        "GET",
        "/v1/users",
        allow=ADMIN,
        query="common.PageDraft",
        gives="[user_service.UserView]",
    )
    def list_users(self, request: Request) -> dict[str, Any]:
        """List everybody, the newest first."""
        return self.users.list_users(query=request.query)

    @http(
        "GET",
        "/v1/users/<id:user_id>",
        allow=ADMIN,
        gives="user_service.UserDetailView",
    )
    def get_any_user(self, request: Request, user_id: str) -> dict[str, Any]:
        """Read somebody's profile and roles."""
        return self.users.get_any_user(user_id=user_id)
