"""Access tokens: ES256 JWTs (RFC 9068), checked one way everywhere.

Only what we would have written ourselves is read: each part in the one proper
base64url, its JSON without spaces or repeated names, no header but our own.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

import jwt
from jwt.algorithms import ECAlgorithm

from common import json
from common.errors import Forbidden, Unauthenticated

ALGORITHM = "ES256"
TYPE = "at+jwt"
ISSUER = "shopnow"
AUDIENCE = "shopnow"
CLAIMS = {
    "iss": str,
    "aud": str,
    "sub": str,
    "sid": str,
    "roles": list,
    "iat": int,
    "nbf": int,
    "exp": int,
    "jti": str,
}
LONGEST_TOKEN = 8192
LEEWAY_SECONDS = 5
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# 64 bytes leave four bits of the last letter unused, and they are zero.
SIGNATURE = re.compile(r"[A-Za-z0-9_-]{85}[AQgw]")


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
    try:
        header, _ = written(token)
        kid = header["kid"]
    except (KeyError, TypeError, ValueError):
        raise bad_token() from None
    if not isinstance(kid, str) or not KEY_ID.fullmatch(kid):
        raise bad_token()
    # Whoever would bring a key of their own, or tell where it is, has no say.
    if header != {"alg": ALGORITHM, "kid": kid, "typ": TYPE}:
        raise bad_token()
    return kid


def written(token: str) -> tuple[Any, Any]:
    """Header and claims, unverified; raises ``ValueError`` for another's writing."""
    if len(token) > LONGEST_TOKEN:
        raise ValueError("too long")
    header, claims, signature = token.split(".")
    if not SIGNATURE.fullmatch(signature):
        raise ValueError("no signature")
    return part(header), part(claims)


def part(segment: str) -> Any:
    value = json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    if urlsafe_b64encode(json.dumps(value)).decode().rstrip("=") != segment:
        raise ValueError("not as we write it")
    return value


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
            options={"require": list(CLAIMS)},
        )
        return caller_from(claims)
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
        raise bad_token() from None


def caller_from(claims: dict[str, Any]) -> Caller:
    kinds = CLAIMS | ({"seller_id": str} if "seller_id" in claims else {})
    if any(type(claims[name]) is not kind for name, kind in kinds.items()):
        raise TypeError("a claim of another kind")
    return Caller(
        claims["sub"],
        claims["sid"],
        frozenset(claims["roles"]),
        claims.get("seller_id"),
        claims["exp"],
    )
