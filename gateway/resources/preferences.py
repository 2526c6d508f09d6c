"""``/v1/users/me/preferences``: how a person would like to be served."""

from typing import Any

from common.wire import ServiceRpc
from gateway.http import http
from gateway.request import Request


class PreferencesResource:
    users = ServiceRpc("user_service")

    @http(
        "GET",
        "/v1/users/me/preferences",
        gives="user_service.PreferencesView",
    )
    def get_preferences(self, request: Request) -> dict[str, Any]:
        """Read your preferences."""
        return self.users.get_preferences()

    @http(
        "PUT",
        "/v1/users/me/preferences",
        takes="user_service.PreferencesDraft",
        gives="user_service.PreferencesView",
    )
    def put_preferences(self, request: Request) -> dict[str, Any]:
        """Say how you would like to be served."""
        return self.users.put_preferences(draft=request.document)
