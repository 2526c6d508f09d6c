"""``/v1/auth/tokens``: signing in, and the keys that prove it."""

from typing import Any

from common.errors import Refusal
from common.wire import ServiceRpc
from gateway.http import http
from gateway.request import Request


def by_grant(request: Request) -> str:
    """Who carries on is counted as such; all else is an attempt to sign in."""
    try:
        document = request.document
    except Refusal:
        return "sign_in"
    carries_on = isinstance(document, dict) and (
        document.get("grant_type") == "refresh_token"
    )
    return "refresh" if carries_on else "sign_in"


class TokenResource:
    auth = ServiceRpc("auth_service")
    # A storm at the door is no reason to keep those waiting who are inside.
    sign_ins = ServiceRpc("auth_service", guard="sign_ins")

    @http(
        "POST",
        "/v1/auth/tokens",
        takes="user_service.TokenDraft",
        gives="user_service.TokenView",
        secret=True,
        value="high",
        limited_by=by_grant,
    )
    def issue_tokens(self, request: Request) -> dict[str, Any]:
        """Sign in by password, or carry on by refresh token."""
        carries_on = by_grant(request) == "refresh"
        auth = self.auth if carries_on else self.sign_ins
        return auth.issue_tokens(draft=request.document)

    @http("DELETE", "/v1/auth/tokens/current", status=204, value="high")
    def end_session(self, request: Request) -> None:
        """Sign out: end the session of your token."""
        self.auth.end_session()

    @http(
        "GET",
        "/.well-known/jwks.json",
        gives="JwkSet",
        cache_seconds=300,
    )
    def get_signing_keys(self, request: Request) -> dict[str, Any]:
        """Read the keys that access tokens are signed with."""
        return self.auth.get_signing_keys()
