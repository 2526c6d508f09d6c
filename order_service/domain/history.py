"""What has happened to an order: who did what; the store adds when."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Actor:
    """Who did something, and in which role; never by name."""

    role: str
    id: str | None = None


SYSTEM = Actor("system")


@dataclass(frozen=True)
class Entry:
    event: str
    actor: Actor
    details: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None

    def seen_by(self, customer_id: str | None) -> "Entry":
        """A customer knows others by their roles alone; None may know all."""
        if customer_id in (None, self.actor.id):
            return self
        return replace(self, actor=Actor(self.actor.role))
