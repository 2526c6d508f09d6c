"""Everybody who takes part: two customers, two sellers, support and admin.

Each has their one role and no other, so that what a role opens shows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text

from common.database import with_driver
from common.ids import new_id
from tests.client import FRESH_SECONDS, PASSWORD, Client, eventually

NOBODY = "nobody"
ROLES = {
    NOBODY: None,
    "customer A": "customer",
    "customer B": "customer",
    "seller A": "seller",
    "seller B": "seller",
    "support": "support",
    "admin": "admin",
}


@dataclass
class Person:
    """``client`` speaks for them; ``things`` are the ids of what is theirs alone."""

    client: Client
    role: str | None = None
    id: str = ""
    email: str = ""
    things: list[str] = field(default_factory=list)


@dataclass
class Cast:
    stack: Any
    known: dict[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stranger = Client(self.stack.url)

    def __getitem__(self, name: str) -> Person:
        if name not in self.known:
            self.known[name] = self.another(ROLES[name])
        return self.known[name]

    @cached_property
    def shopkeeper(self) -> Person:
        """Who sells to everybody, and is nobody whose things are told apart."""
        return self.another("seller")

    def stay_signed_in(self) -> None:
        """So that nobody has to sign in for the next minutes."""
        for person in self.known.values():
            person.client.stay_signed_in(FRESH_SECONDS / 2)

    def other(self, person: Person, role: str) -> Person:
        """Somebody else of this role."""
        pair = (f"{role} A", f"{role} B")
        return next(self[name] for name in pair if self[name] is not person)

    def another(self, role: str | None) -> Person:
        """Somebody new of this role, whom nobody will miss."""
        if role is None:
            return Person(self.stranger)
        email = f"{new_id()}@example.com"
        draft = {"email": email, "password": PASSWORD, "full_name": "Ada Example"}
        user_id = self.stranger.post("/v1/users", draft).body["id"]
        if role == "seller":
            self.open_shop(email)
        self.give(user_id, role)
        client = self.stranger.signed_in(email, PASSWORD)
        return Person(client, role, user_id, email)

    def open_shop(self, email: str) -> None:
        me = self.stranger.signed_in(email, PASSWORD)
        shop = me.post("/v1/sellers", {"name": "Grace's"}).body["id"]
        path = f"/v1/sellers/{shop}"
        assert self["admin"].client.change(path, {"status": "active"}).status == 200

    def give(self, user_id: str, role: str) -> None:
        """Past the rules of the shop, which has no customer without that role."""
        change = text("UPDATE accounts SET roles = :roles WHERE id = :id")
        with self.accounts().begin() as database:
            database.execute(change, {"roles": [role], "id": user_id})

    def accounts(self) -> Engine:
        return create_engine(with_driver(self.stack.operator["AUTH_DB_URI"]))

    def letter(self, email: str, pattern: str) -> str:
        """What ``pattern`` finds in a letter to ``email``, once it is there."""
        found: list[str] = []

        def has_come() -> bool:
            found.extend(self.find_in_letters(email, pattern))
            return bool(found)

        eventually(has_come, True)
        return found[0]

    def find_in_letters(self, email: str, pattern: str) -> Iterator[str]:
        folder = Path(self.stack.operator["SHOPNOW_RUN_DIR"]) / "mail"
        for file in folder.glob("*.eml"):
            letter = message_from_bytes(file.read_bytes(), policy=policy.default)
            if email in str(letter["To"]):
                yield from re.findall(pattern, letter.get_content(), re.MULTILINE)
