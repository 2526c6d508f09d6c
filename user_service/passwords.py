"""Passwords: Argon2id, worked out beside the other requests, few at a time."""

from collections.abc import Callable, Mapping
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from nameko import config
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from common.threads import in_thread
from user_service.domain import errors

# OWASP's least, https://cheatsheetseries.owasp.org/ "Password Storage".
LEAST = {"memory_kib": 19_456, "passes": 2, "lanes": 1}


class Passwords(DependencyProvider):
    def setup(self) -> None:
        settings = config["PASSWORDS"]
        self.hasher = hasher_from(settings)
        # Unknown e-mails are checked against this, so that they take as long.
        self.nobody = self.hasher.hash("nobody's password")
        # Others in this process have to find a worker as well.
        self.most_under_way = min(settings["most_under_way"], config["RPC_WORKERS"] - 2)
        self.under_way = 0

    def get_dependency(self, worker_ctx: WorkerContext) -> "Passwords":
        return self

    def hash(self, password: str) -> str:
        return self.work(self.hasher.hash, password)

    def fits(self, password: str, password_hash: str | None) -> bool:
        """Whether the password is right; takes as long for no account at all."""
        right = self.work(self.verify, password_hash or self.nobody, password)
        return right and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with other parameters than those of today."""
        return self.hasher.check_needs_rehash(password_hash)

    def verify(self, password_hash: str, password: str) -> bool:
        try:
            return self.hasher.verify(password_hash, password)
        except VerificationError:
            return False

    def demand_room(self) -> None:
        """Raises ``too_many_sign_ins`` when as many wait as may."""
        if self.under_way >= self.most_under_way:
            raise errors.too_many_sign_ins()

    def work(self, work: Callable[..., Any], *args: str) -> Any:
        """Wait for a thread, unless too many wait already."""
        self.demand_room()
        self.under_way += 1
        try:
            return in_thread(work, *args)
        finally:
            self.under_way -= 1


def hasher_from(settings: Mapping[str, int]) -> PasswordHasher:
    """Raises ``ValueError`` for parameters that are weaker than ``LEAST``."""
    for name, least in LEAST.items():
        if settings[name] < least:
            raise ValueError(f"PASSWORDS.{name} is {settings[name]}, less than {least}")
    return PasswordHasher(
        time_cost=settings["passes"],
        memory_cost=settings["memory_kib"],
        parallelism=settings["lanes"],
    )
