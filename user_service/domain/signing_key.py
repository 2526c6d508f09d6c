"""The life of a key that signs access tokens.

It is published before it signs, so that everybody knows it by then, and stays
published until the last token it has signed is out of date.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from user_service.domain.session import ACCESS_LIFE

# Twice as long as others may keep `/.well-known/jwks.json`.
PUBLISHED_FIRST = timedelta(minutes=10)
# The clocks of those who verify may differ from ours by that.
LEEWAY = timedelta(minutes=1)


class State(StrEnum):
    NEXT = "next"
    SIGNING = "signing"
    RETIRING = "retiring"
    RETIRED = "retired"


@dataclass(frozen=True)
class SigningKey:
    """``private_key`` is open, and signs from ``signs_at`` until the next one does."""

    kid: str
    private_key: Any = field(repr=False)
    created_at: datetime
    signs_at: datetime


@dataclass(frozen=True)
class Keyring:
    keys: tuple[SigningKey, ...]

    @classmethod
    def of(cls, keys: Iterable[SigningKey]) -> "Keyring":
        return cls(tuple(sorted(keys, key=lambda key: (key.signs_at, key.kid))))

    def states(self, now: datetime) -> dict[str, State]:
        """By ``kid``, in the order in which they sign."""
        return {key.kid: state_of(key, self.successor(key), now) for key in self.keys}

    def successor(self, key: SigningKey) -> SigningKey | None:
        later = self.keys[self.keys.index(key) + 1 :]
        return later[0] if later else None

    def signing(self, now: datetime) -> SigningKey:
        due = [key for key in self.keys if key.signs_at <= now]
        # The clock of whoever made the first key may be ahead of ours.
        return due[-1] if due else self.keys[0]

    def next(self, now: datetime) -> SigningKey | None:
        return next((key for key in self.keys if key.signs_at > now), None)

    def published(self, now: datetime) -> list[SigningKey]:
        """By which tokens that are out there may be verified."""
        states = self.states(now)
        return [key for key in self.keys if states[key.kid] is not State.RETIRED]

    def retired(self, now: datetime) -> list[str]:
        states = self.states(now)
        return [kid for kid, state in states.items() if state is State.RETIRED]


def state_of(key: SigningKey, successor: SigningKey | None, now: datetime) -> State:
    if key.signs_at > now:
        return State.NEXT
    if successor is None or successor.signs_at > now:
        return State.SIGNING
    over = successor.signs_at + ACCESS_LIFE + LEEWAY
    return State.RETIRING if now < over else State.RETIRED
