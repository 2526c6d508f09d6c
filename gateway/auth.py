"""Who is asking, according to their token, and whether this route is for them."""

from dataclasses import dataclass

from common.tokens import Caller, Reader, bad_token
from gateway import errors
from gateway.request import Request


@dataclass(frozen=True)
class Allow:
    """Who may use a route: ``roles`` empty means whoever is signed in."""

    roles: frozenset[str] = frozenset()
    token: str = "required"  # noqa: S105 - "required", "optional" or "ignored"

    def admit(self, request: Request, tokens: Reader) -> Caller | None:
        """The caller, None for a stranger; raises when they may not pass."""
        header = request.headers.get("authorization", "")
        if self.token == "ignored" or (self.token == "optional" and not header):  # noqa: S105
            return None
        caller = self.identify(header, tokens)
        if self.roles and not self.roles & caller.roles:
            raise errors.role_required(self.roles)
        return caller

    def identify(self, header: str, tokens: Reader) -> Caller:
        if not header:
            raise errors.token_required()
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise bad_token()
        return tokens.read(token.strip())


ANYONE = Allow(token="ignored")  # noqa: S106
MAYBE_SIGNED_IN = Allow(token="optional")  # noqa: S106
SIGNED_IN = Allow()


def only(*roles: str) -> Allow:
    return Allow(frozenset(roles))
