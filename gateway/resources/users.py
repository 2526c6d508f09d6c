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
