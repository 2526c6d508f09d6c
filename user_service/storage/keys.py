"""The keys that sign access tokens: in the database, encrypted at rest."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session as Database

from user_service.domain.signing_key import PUBLISHED_FIRST, Keyring, SigningKey, State
from user_service.storage.models import SigningKeyRow

KEYRING_LOCK = 0x5157
# How long a process may not know of a change; those who verify know it as late.
AT_HAND_SECONDS = 5.0


class KeyRepository:
    def __init__(self, database: Database, secret: str) -> None:
        self.database = database
        self.box = Fernet(secret.encode())

    def keyring(self) -> Keyring:
        return Keyring.of(
            map(self.opened, self.database.scalars(select(SigningKeyRow)))
        )

    def lock(self) -> Keyring:
        """The keys, which nobody else changes until the transaction ends."""
        self.database.execute(select(func.pg_advisory_xact_lock(KEYRING_LOCK)))
        return self.keyring()

    def ensure_key(self, kid: str, now: datetime) -> None:
        """Make the first signing key, unless there is one."""
        if not self.lock().keys:
            self.add(kid, now, now)

    def prune(self, now: datetime) -> None:
        self.remove(*self.keyring().retired(now))

    def rotate(self, kid: str, now: datetime, at_once: bool = False) -> None:
        """Let a new key, or the one that waits already, sign next."""
        signs_at = now if at_once else now + PUBLISHED_FIRST
        keyring = self.lock()
        self.remove(*keyring.retired(now))
        coming = keyring.next(now)
        if coming is None:
            self.add(kid, now, signs_at)
        elif at_once:
            self.database.get_one(SigningKeyRow, coming.kid).signs_at = now

    def revoke(self, revoked: str, kid: str, now: datetime) -> None:
        """Take a key back; raises ``KeyError`` where there is none of that name."""
        state = self.lock().states(now)[revoked]
        if state is State.SIGNING:
            self.rotate(kid, now, at_once=True)
        self.remove(revoked)

    def add(self, kid: str, now: datetime, signs_at: datetime) -> None:
        sealed = self.box.encrypt(new_private_key()).decode()
        row = SigningKeyRow(
            kid=kid, private_key=sealed, created_at=now, signs_at=signs_at
        )
        self.database.add(row)

    def remove(self, *kids: str) -> None:
        self.database.execute(delete(SigningKeyRow).where(SigningKeyRow.kid.in_(kids)))

    def opened(self, row: SigningKeyRow) -> SigningKey:
        pem = self.box.decrypt(row.private_key.encode())
        key = serialization.load_pem_private_key(pem, password=None)
        return SigningKey(row.kid, key, row.created_at, row.signs_at)


class KeysAtHand:
    """The opened keys of this process, read again every few seconds."""

    def __init__(self) -> None:
        self.read_at: float | None = None
        self.keyring = Keyring(())

    def of(self, read: Callable[[], Keyring]) -> Keyring:
        now = monotonic()
        if self.read_at is None or now - self.read_at > AT_HAND_SECONDS:
            self.keyring, self.read_at = read(), now
        return self.keyring


def new_private_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
