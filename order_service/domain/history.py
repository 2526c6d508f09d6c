"""What has happened to an order: who did what; the store adds when."""

from dataclasses import dataclass, field
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
