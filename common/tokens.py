"""Access tokens: ES256 JWTs (RFC 9068), checked one way everywhere."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

import jwt
from jwt.algorithms import ECAlgorithm

from common.errors import Forbidden, Unauthenticated

ALGORITHM = "ES256"
TYPE = "at+jwt"
ISSUER = "shopnow"
AUDIENCE = "shopnow"
REQUIRED = ("iss", "aud", "sub", "sid", "roles", "iat", "nbf", "exp", "jti")
LONGEST_TOKEN = 8192
LEEWAY_SECONDS = 5
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Caller:
    """Who is asking: a user, their session, roles and shop.

    ``expires_at`` is when their token does, in seconds since the epoch.
    """

    id: str
    session_id: str
    roles: frozenset[str]
    seller_id: str | None = None
    expires_at: float = inf


def issue(claims: dict[str, Any], private_key: Any, kid: str) -> str:
    """An access token of ``claims``, signed with a private key or the PEM of one."""
    claims = claims | {"iss": ISSUER, "aud": AUDIENCE}
    return jwt.encode(claims, private_key, ALGORITHM, headers={"kid": kid, "typ": TYPE})


def public_jwk(private_key: Any, kid: str) -> dict[str, str]:
    """The JWK (RFC 7517) by which others check what ``private_key`` signed."""
    numbers = ECAlgorithm.to_jwk(private_key.public_key(), as_dict=True)
    return {**numbers, "kid": kid, "use": "sig", "alg": ALGORITHM}


def bad_token() -> Unauthenticated:
    return Unauthenticated("invalid_token", "The access token is not valid")


def token_required() -> Unauthenticated:
    return Unauthenticated("token_required", "This needs an access token")


def role_required(roles: Iterable[str]) -> Forbidden:
    names = " or ".join(sorted(roles))
    return Forbidden("role_required", f"This needs the role {names}")


def key_id(token: str) -> str:
    """The id of the key ``token`` claims to be signed with."""
    if len(token) > LONGEST_TOKEN:
        raise bad_token()
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        raise bad_token() from None
    kid = header.get("kid")
    if not isinstance(kid, str) or not KEY_ID.fullmatch(kid):
        raise bad_token()
    if header.get("typ") != TYPE:
        raise bad_token()
    return kid


def read(token: str, keys: Mapping[str, jwt.PyJWK]) -> Caller:
    """Who ``token`` speaks for; raises ``Unauthenticated`` without saying why."""
    try:
        claims = jwt.decode(
            token,
            keys[key_id(token)].key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            leeway=LEEWAY_SECONDS,
            options={"require": list(REQUIRED)},
        )
        return caller_from(claims)
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
        raise bad_token() from None


def caller_from(claims: dict[str, Any]) -> Caller:
    return Caller(
        str(claims["sub"]),
        str(claims["sid"]),
        frozenset(claims["roles"]),
        claims.get("seller_id"),
        claims["exp"],
    )
