"""A signed-in stay: one session, one refresh token at a time.

A refresh token is used once and replaced.  Whoever comes with a used one is
either the thief or the robbed, so the whole session ends.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from user_service.domain import errors

ACCESS_SECONDS = 600
REFRESH_LIFE = timedelta(days=30)


@dataclass
class Session:
    id: str
    account_id: str
    started_at: datetime
    ended_at: datetime | None = None

    def end(self, now: datetime) -> None:
        self.ended_at = self.ended_at or now


@dataclass
class RefreshToken:
    """Only the hash of a refresh token is kept."""

    token_hash: str
    session_id: str
    expires_at: datetime
    used_at: datetime | None = None

    @classmethod
    def issue(cls, token: str, session_id: str, now: datetime) -> "RefreshToken":
        return cls(hash_of(token), session_id, now + REFRESH_LIFE)

    def use(self, session: Session, now: datetime) -> None:
        """Use the token up; raises and ends the session when it was used before."""
        if session.ended_at or self.expires_at <= now:
            raise errors.invalid_refresh_token()
        if self.used_at:
            session.end(now)
            raise errors.refresh_token_reused()
        self.used_at = now


def hash_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def access_claims(
    account_claims: dict, session_id: str, token_id: str, now: datetime
) -> dict:
    issued = int(now.timestamp())
    return account_claims | {
        "sid": session_id,
        "iat": issued,
        "nbf": issued,
        "exp": issued + ACCESS_SECONDS,
        "jti": token_id,
    }
