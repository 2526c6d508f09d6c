"""The keys that sign access tokens: in the database, encrypted at rest."""

from datetime import datetime

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select
from sqlalchemy.orm import Session as Database

from common.tokens import public_jwk
from user_service.storage.models import SigningKeyRow

KEYRING_LOCK = 0x5157


class Keyring:
    def __init__(self, database: Database, secret: str) -> None:
        self.database = database
        self.box = Fernet(secret.encode())

    def ensure_key(self, kid: str, now: datetime) -> None:
        """Make the first signing key, unless there is one."""
        self.database.execute(select(func.pg_advisory_xact_lock(KEYRING_LOCK)))
        if not self.rows():
            sealed = self.box.encrypt(new_private_key()).decode()
            row = SigningKeyRow(kid=kid, private_key=sealed, created_at=now)
            self.database.add(row)

    def rows(self) -> list[SigningKeyRow]:
        newest_first = SigningKeyRow.created_at.desc()
        return list(self.database.scalars(select(SigningKeyRow).order_by(newest_first)))

    def signing_key(self) -> tuple[str, str]:
        """``(kid, private key PEM)`` of the newest key."""
        newest = self.rows()[0]
        return newest.kid, self.open(newest)

    def jwks(self) -> dict:
        """The public halves, as a JWK set (RFC 7517)."""
        return {"keys": [self.public(row) for row in self.rows()]}

    def public(self, row: SigningKeyRow) -> dict[str, str]:
        pem = self.open(row).encode()
        key = serialization.load_pem_private_key(pem, password=None)
        return public_jwk(key, row.kid)

    def open(self, row: SigningKeyRow) -> str:
        return self.box.decrypt(row.private_key.encode()).decode()


def new_private_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
