"""Access tokens of the tests' own making, with the shop's key or another's."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from jwt.algorithms import ECAlgorithm, HMACAlgorithm
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from common.database import with_driver
from user_service.storage.keys import KeyRepository

ES256, HS256 = ECAlgorithm(hashes.SHA256), HMACAlgorithm(HMACAlgorithm.SHA256)


@dataclass
class Forge:
    """Makes tokens like the ``genuine`` one but for what it is told."""

    kid: str
    private_key: Any
    genuine: str

    @property
    def header(self) -> dict[str, Any]:
        return opened(self.genuine.split(".")[0])

    @property
    def claims(self) -> dict[str, Any]:
        return opened(self.genuine.split(".")[1])

    def like(
        self,
        header: dict[str, Any] | None = None,
        key: Any = None,
        without: str | None = None,
        **claims: Any,
    ) -> str:
        """Signed with ``key`` or the shop's own."""
        kept = {k: v for k, v in (self.claims | claims).items() if k != without}
        return self.sign(compact(self.header | (header or {})), compact(kept), key)

    def sign(self, header: bytes, claims: bytes, key: Any = None) -> str:
        said = f"{segment(header)}.{segment(claims)}"
        signature = ES256.sign(said.encode(), key or self.private_key)
        return f"{said}.{segment(signature)}"

    def mac(self, secret: bytes) -> str:
        """As if the public key was a secret, which RFC 8725 (2.1) warns of."""
        header = segment(compact(self.header | {"alg": "HS256"}))
        said = f"{header}.{self.genuine.split('.')[1]}"
        return f"{said}.{segment(HS256.sign(said.encode(), secret))}"

    @property
    def public_pem(self) -> bytes:
        return self.private_key.public_key().public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )


def forge(stack: Any, genuine: str) -> Forge:
    """With the key that the shop of ``stack`` signs with now."""
    told = stack.environment("auth_service")
    engine = create_engine(with_driver(told["AUTH_DB_URI"]))
    with Session(engine) as session:
        keyring = KeyRepository(session, told["SIGNING_KEY_SECRET"]).keyring()
    engine.dispose()
    key = keyring.signing(datetime.now(UTC))
    return Forge(key.kid, key.private_key, genuine)


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def segment(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def opened(part: str) -> Any:
    return json.loads(urlsafe_b64decode(padded(part)))


def padded(part: str) -> str:
    return part + "=" * (-len(part) % 4)
