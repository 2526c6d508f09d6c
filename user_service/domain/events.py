"""What other services may hear about people: that they are there, never who."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class UserRegistered:
    type: ClassVar[str] = "user.registered"

    user_id: str


@dataclass(frozen=True)
class UserErased:
    """Nothing of this person may be kept any longer."""

    type: ClassVar[str] = "user.erased"

    user_id: str
