"""``/v1/auth/tokens``: signing in, and the keys that prove it."""

from typing import Any

from common.wire import ServiceRpc
from gateway.http import http
from gateway.request import Request


class TokenResource:
    auth = ServiceRpc("auth_service")

    @http(
        "POST",
        "/v1/auth/tokens",
        takes="user_service.TokenDraft",
        gives="user_service.TokenView",
        secret=True,
        value="high",
        limited="sign_in",
    )
    def issue_tokens(self, request: Request) -> dict[str, Any]:
        """Sign in by password, or carry on by refresh token."""
        return self.auth.issue_tokens(draft=request.document)

    @http(
        "GET",
        "/.well-known/jwks.json",
        gives="JwkSet",
        cache_seconds=300,
    )
    def get_signing_keys(self, request: Request) -> dict[str, Any]:
        """Read the keys that access tokens are signed with."""
        return self.auth.get_signing_keys()
