"""Tokens that say nothing: 256 bits that nobody can guess.

Some have to come out the same a second time, when an answer or a mail was lost,
although no token is kept.  Those are worked out anew, from a secret of the
environment and a seed that is kept; neither the environment nor the database
tells them alone.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode

from nameko import config
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

BYTES = 32


class OpaqueTokens(DependencyProvider):
    def setup(self) -> None:
        # A key of its own, so that what is signed here is nothing elsewhere.
        environment = config["SIGNING_KEY_SECRET"].encode()
        self.secret = hmac.digest(environment, b"opaque tokens", "sha256")

    def get_dependency(self, worker_ctx: WorkerContext) -> "OpaqueTokens":
        return self

    def fresh(self) -> str:
        """A token, or a seed, like no other."""
        return secrets.token_urlsafe(BYTES)

    def derived(self, origin: str, seed: str) -> str:
        """The one token of ``origin`` and ``seed``."""
        digest = hmac.digest(self.secret, f"{origin} {seed}".encode(), "sha256")
        return urlsafe_b64encode(digest).decode().rstrip("=")
