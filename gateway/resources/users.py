"""``/v1/users``: who signs up, and who they are."""

from typing import Any

from common.wire import ServiceRpc
from gateway.http import Answer, http, replayed
from gateway.request import Request


class UserResource:
    users = ServiceRpc("user_service")

    @http(
        "POST",
        "/v1/users",
        takes="user_service.UserDraft",
        gives="user_service.UserView",
        status=201,
        value="high",
        limited="sign_up",
        keyable=True,
        feature="sign_up",
    )
    def register_user(self, request: Request) -> Answer:
        """Sign up."""
        signed_up = self.users.register_user(
            draft=request.document, **request.optional_key
        )
        location = {"Location": "/v1/users/me"}
        return Answer(signed_up["user"], headers=location | replayed(signed_up))

    @http("GET", "/v1/users/me", gives="user_service.UserView")
    def get_user(self, request: Request) -> dict[str, Any]:
        """Read your own profile."""
        return self.users.get_user()

    @http(
        "PATCH",
        "/v1/users/me",
        takes="user_service.UserPatch",
        gives="user_service.UserView",
    )
    def change_user(self, request: Request) -> dict[str, Any]:
        """Change your own profile."""
        return self.users.change_user(draft=request.document)

    @http("DELETE", "/v1/users/me", status=204)
    def erase_user(self, request: Request) -> None:
        """Close your account, for good.

        Within a minute nothing is left of you: orders stay, without name and address.
        """
        self.users.erase_user()

    @http(
        "GET",
        "/v1/users/me/export",
        gives="user_service.ExportView",
        value="low",
        feature="exports",
    )
    def export_user(self, request: Request) -> dict[str, Any]:
        """Read all that the shop keeps of you."""
        return self.users.export_user()

    @http(
        "GET",
        "/v1/users",
        query="common.PageDraft",
        gives="[user_service.UserView]",
    )
    def list_users(self, request: Request) -> dict[str, Any]:
        """List everybody, the newest first."""
        return self.users.list_users(query=request.query)

    @http(
        "GET",
        "/v1/users/<id:user_id>",
        gives="user_service.UserDetailView",
    )
    def get_any_user(self, request: Request, user_id: str) -> dict[str, Any]:
        """Read somebody's profile and roles."""
        return self.users.get_any_user(user_id=user_id)
