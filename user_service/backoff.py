"""Slows down who guesses passwords; see `domain/backoff.py` for the rules."""

import hmac
from typing import Any

from nameko import config
from nameko.containers import WorkerContext

from common.limiting import REDIS_SECONDS
from common.redis_store import RedisStore, redis_guard
from user_service.domain import errors
from user_service.domain.backoff import Backoff as Rules
from user_service.domain.backoff import backoff_from
from user_service.storage.failures import Failures

NOWHERE = "unknown"


class Backoff(RedisStore):
    def __init__(self) -> None:
        super().__init__("limits", REDIS_SECONDS)

    def setup(self) -> None:
        super().setup()
        self.rules = backoff_from(config.get("BACKOFF", {}))
        self.guard = redis_guard()

    def get_dependency(self, worker_ctx: WorkerContext) -> "Attempts":
        address = worker_ctx.context_data.get("client") or NOWHERE
        return Attempts(self.client, self.guard, self.rules, str(address))


class Attempts:
    """Of the client that the gateway named in the context data, at any account.

    Everything here raises ``Unavailable`` when Redis is away: nobody signs in then.
    """

    def __init__(self, redis: Any, guard: Any, rules: Rules, address: str) -> None:
        self.redis, self.guard, self.rules = redis, guard, rules
        self.address = address

    def check(self, email: str) -> None:
        """Before a password is looked at; raises ``too_many_attempts``."""
        if wait := self.failures(email).wait():
            raise errors.too_many_attempts(wait)

    def failed(self, email: str) -> None:
        self.failures(email).add()

    def succeeded(self, email: str) -> None:
        self.failures(email).forget()

    def failures(self, email: str) -> Failures:
        name = nameless(email)
        return Failures(self.redis, self.guard, self.rules, name, self.address)


def nameless(email: str) -> str:
    """Always the same for an e-mail, and no way back to it without our secret."""
    secret = config["SIGNING_KEY_SECRET"].encode()
    return hmac.digest(secret, b"limits:" + email.encode(), "sha256").hex()[:32]
