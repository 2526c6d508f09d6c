"""``/v1/auth/tokens``: signing in, and the keys that prove it."""

import logging
from typing import Any

from common.errors import Refusal
from common.identity import in_the_name_of
from common.wire import ServiceRpc
from gateway.guests import forgotten, guest_of
from gateway.http import Answer, http
from gateway.request import Request

log = logging.getLogger(__name__)

# Of a sign-in, for what is not part of it.
MERGE_SECONDS = 0.5


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
    orders = ServiceRpc("order_service")

    @http(
        "POST",
        "/v1/auth/tokens",
        takes="user_service.TokenDraft",
        gives="user_service.TokenView",
        secret=True,
        value="high",
        limited_by=by_grant,
    )
    def issue_tokens(self, request: Request) -> dict[str, Any] | Answer:
        """Sign in by password, or carry on by refresh token.

        Who signs in with the `Cart-Token` of a guest, or its cookie, has what is in
        that cart in their own.
        """
        if by_grant(request) == "refresh":
            return self.auth.issue_tokens(draft=request.document)
        issued = self.sign_ins.issue_tokens(draft=request.document)
        return Answer(issued, headers=self.brought(request, issued["access_token"]))

    def brought(self, request: Request, token: str) -> dict[str, str]:
        """Have the cart of who was a guest taken over; nobody waits long for that."""
        guest = guest_of(request)
        if guest is None:
            return {}
        orders = in_the_name_of(token, self.orders, MERGE_SECONDS)
        try:
            orders.merge_cart(guest=guest)
        except Exception as trouble:
            # They keep what they have, and the first look at the cart does it.
            log.warning("a guest's cart waits: %s", type(trouble).__name__)
            return {}
        return forgotten(request)

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
