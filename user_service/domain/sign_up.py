"""A request to sign up, under a key that names it.

Signing up takes two steps in two databases: the profile, then the account.
The request is answered once both are done; till then it is at work, or it was
interrupted, and then whoever repeats it goes on where it stopped.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from user_service.domain import errors

# Longer than both steps may take.
LEASE = timedelta(seconds=10)
# Whoever has no account by then gets none any more.  It is longer than the
# profile may take (8 s, common/database.py), the call (5 s, common/wire), and
# the account whose caller has given up: auth_service drops calls that come after
# their deadline, and commits one that it took in time within 8 s of hashing.
GIVEN_UP = timedelta(seconds=30)


@dataclass(frozen=True)
class Claim:
    """An Idempotency-Key, as far as we want to know it, and what came with it."""

    key_hash: str
    fingerprint: str


@dataclass
class SignUp:
    claim: Claim
    user_id: str
    busy_until: datetime
    answer: dict[str, Any] | None = None

    def again(self, claim: Claim, now: datetime) -> None:
        """Take the request up where it stopped; raises while it is at work."""
        if claim != self.claim:
            raise errors.idempotency_key_reused()
        if self.answer is None:
            if now < self.busy_until:
                raise errors.request_in_progress()
            self.busy_until = now + LEASE


def claimed(key: str | None, fingerprint: str | None) -> Claim | None:
    """None for a request that came without a key."""
    if key is None or fingerprint is None:
        return None
    return Claim(sha256(key.encode()).hexdigest(), fingerprint)
