"""A signed-in stay: one session, one refresh token at a time.

A refresh token is used once and replaced.  Whoever comes with a used one is
either the thief or the robbed, so the whole session ends; unless they only just
used it and nobody its successor: then an answer was lost, and is given again.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import ClassVar

from user_service.domain import errors

ACCESS_LIFE = timedelta(minutes=10)
LOST_ANSWER = timedelta(seconds=10)


class End(StrEnum):
    """Why a session is over."""

    SIGNED_OUT = "signed_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    PASSWORD_RESET = "password_reset"  # noqa: S105
    ROLE_LOST = "role_lost"
    ERASED = "erased"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"  # noqa: S105


@dataclass(frozen=True)
class SessionsEnded:
    type: ClassVar[str] = "sessions.ended"

    user_id: str
    session_ids: list[str]
    reason: str


@dataclass(frozen=True)
class Lives:
    """How long a session goes on: without being used, and in all."""

    idle: timedelta
    absolute: timedelta

    def until(self, started_at: datetime, now: datetime) -> datetime:
        return min(now + self.idle, started_at + self.absolute)


@dataclass
class Session:
    id: str
    account_id: str
    started_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    events: list[SessionsEnded] = field(default_factory=list)

    @classmethod
    def start(cls, id: str, account_id: str, lives: Lives, now: datetime) -> "Session":
        return cls(id, account_id, now, lives.until(now, now))

    def go_on(self, lives: Lives, now: datetime) -> None:
        self.expires_at = lives.until(self.started_at, now)

    def end(self, why: End, now: datetime) -> None:
        if self.ended_at is None:
            self.ended_at = now
            self.events.append(SessionsEnded(self.account_id, [self.id], why))

    def is_over(self, now: datetime) -> bool:
        return self.ended_at is not None or self.expires_at <= now


@dataclass
class RefreshToken:
    """Only its hash is kept.

    ``seed`` is what its successor is made of, beside the token itself and a secret.
    """

    token_hash: str
    session_id: str
    seed: str
    used_at: datetime | None = None

    def use(
        self,
        session: Session,
        successor: "RefreshToken | None",
        lives: Lives,
        now: datetime,
    ) -> None:
        """Use it up for ``successor``; raises when it is not to be used any more."""
        if session.is_over(now):
            raise errors.invalid_refresh_token()
        if self.used_at is None:
            self.used_at = now
            session.go_on(lives, now)
        elif not self.was_lost(successor, now):
            session.end(End.REFRESH_TOKEN_REUSED, now)
            raise errors.refresh_token_reused()

    def was_lost(self, successor: "RefreshToken | None", now: datetime) -> bool:
        """Whether the answer that brought ``successor`` may not have arrived."""
        if self.used_at is None or successor is None or successor.used_at:
            return False
        return now <= self.used_at + LOST_ANSWER


def hash_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def access_claims(
    account_claims: dict, session: Session, token_id: str, now: datetime
) -> dict:
    """Of a token that lives no longer than its session may."""
    issued = int(now.timestamp())
    expires = min(now + ACCESS_LIFE, session.expires_at)
    return account_claims | {
        "sid": session.id,
        "iat": issued,
        "nbf": issued,
        "exp": int(expires.timestamp()),
        "jti": token_id,
    }
