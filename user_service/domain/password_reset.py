"""A forgotten password: who can read the mail may choose another one, once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

LIFE = timedelta(minutes=30)


@dataclass(frozen=True)
class PasswordReset:
    """Only the hash of its token is kept, and the seed that the token is made of."""

    id: str
    account_id: str
    seed: str
    token_hash: str
    expires_at: datetime


@dataclass(frozen=True)
class PasswordResetRequested:
    type: ClassVar[str] = "password_reset.requested"

    user_id: str
    reset_id: str
