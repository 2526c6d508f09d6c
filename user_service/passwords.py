"""Passwords: Argon2id, worked out beside the other requests."""

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from common.threads import in_thread

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1


class Passwords(DependencyProvider):
    def setup(self) -> None:
        self.hasher = PasswordHasher(PASSES, MEMORY_KIB, LANES)
        # Unknown e-mails are checked against this, so that they take as long.
        self.nobody = self.hasher.hash("nobody's password")

    def get_dependency(self, worker_ctx: WorkerContext) -> "Passwords":
        return self

    def hash(self, password: str) -> str:
        return in_thread(self.hasher.hash, password)

    def fits(self, password: str, password_hash: str | None) -> bool:
        """Whether the password is right; takes as long for no account at all."""
        right = in_thread(self.verify, password_hash or self.nobody, password)
        return right and password_hash is not None

    def verify(self, password_hash: str, password: str) -> bool:
        try:
            return self.hasher.verify(password_hash, password)
        except VerificationError:
            return False
