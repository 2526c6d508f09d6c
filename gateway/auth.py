"""Who is asking, according to their token, and whether this route is for them."""

from dataclasses import dataclass

from common.identity import AUTH_TOKEN, Verifier
from common.tokens import Caller, bad_token, role_required, token_required
from gateway.request import Request


@dataclass(frozen=True)
class Allow:
    """Who may use a route: ``roles`` empty means whoever is signed in."""

    roles: frozenset[str] = frozenset()
    token: str = "required"  # noqa: S105 - "required", "optional" or "ignored"

    def admit(self, request: Request, tokens: Verifier) -> Caller | None:
        """The caller, None for a stranger; raises when they may not pass."""
        header = request.headers.get("authorization", "")
        if self.token == "ignored" or (self.token == "optional" and not header):  # noqa: S105
            return None
        caller = self.identify(header, tokens)
        if self.roles and not self.roles & caller.roles:
            raise role_required(self.roles)
        return caller

    def identify(self, header: str, tokens: Verifier) -> Caller:
        if not header:
            raise token_required()
        token = bearer(header)
        if token is None:
            raise bad_token()
        return tokens.read(token)

    def context(self, request: Request) -> dict[str, str]:
        """What the shop is told of who is asking; it looks for itself."""
        token = bearer(request.headers.get("authorization", ""))
        return {AUTH_TOKEN: token} if token and self.token != "ignored" else {}  # noqa: S105


def bearer(header: str) -> str | None:
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


ANYONE = Allow(token="ignored")  # noqa: S106
MAYBE_SIGNED_IN = Allow(token="optional")  # noqa: S106
SIGNED_IN = Allow()


def only(*roles: str) -> Allow:
    return Allow(frozenset(roles))


def guests_and(*roles: str) -> Allow:
    """Whoever has not signed in, and of those who have, who has one of ``roles``."""
    return Allow(frozenset(roles), token="optional")  # noqa: S106
