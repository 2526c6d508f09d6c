"""A person, as they tell the shop about themselves."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class Profile:
    id: str
    email: str
    full_name: str
    created_at: datetime
    # Their account is known to be there: they can sign in.
    opened: bool = False

    def change(self, full_name: str | None = None) -> None:
        self.full_name = full_name or self.full_name
