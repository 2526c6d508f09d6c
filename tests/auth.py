"""AuthService without its processes: on tables of its own, with people signed up."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest.mock import create_autospec

import jwt
from nameko.testing.services import worker_factory

from common.ids import new_id
from common.tokens import Caller, public_jwk, read
from tests.fakes import FakeClock, FakePerson
from user_service.auth import AuthService
from user_service.backoff import Attempts
from user_service.domain.session import Lives
from user_service.limits import AccountLimits
from user_service.opaque_tokens import OpaqueTokens

PASSWORD = "correct horse battery"
LIVES = Lives(idle=timedelta(days=14), absolute=timedelta(days=90))


class PlainPasswords:
    """Hashes nothing, and counts how often it was asked."""

    def __init__(self) -> None:
        self.parameters, self.compared = "today's", []

    def demand_room(self) -> None:
        """There is always room."""

    def hash(self, password: str) -> str:
        return f"{self.parameters} hash of {password}"

    def fits(self, password: str, password_hash: str | None) -> bool:
        self.compared.append(self.parameters)
        known = password_hash or "nobody's"
        return known.partition(" hash of ")[2] == password

    def is_outdated(self, password_hash: str) -> bool:
        return not password_hash.startswith(self.parameters)


class FakeMail:
    def __init__(self) -> None:
        self.letters: list[dict[str, Any]] = []

    def send(self, to: str, subject: str, text: str, cause: str) -> None:
        self.letters.append({"to": to, "text": text, "cause": cause})


@dataclass
class Office:
    """What a test of AuthService needs at hand."""

    service: Any
    store: Any
    clock: FakeClock

    @classmethod
    def open(cls, store: Any, secret: bytes = b"a secret") -> "Office":
        opaque, clock = OpaqueTokens(), FakeClock()
        opaque.secret = secret
        service = worker_factory(
            AuthService,
            store=store,
            passwords=PlainPasswords(),
            opaque=opaque,
            backoff=create_autospec(Attempts, instance=True),
            limits=create_autospec(AccountLimits, instance=True),
            lives=LIVES,
            mail=FakeMail(),
            clock=clock,
        )
        with store.key_transaction() as keys:
            keys.ensure_key(new_id(), clock.now())
        return cls(service, store, clock)

    def signed_up(self, email: str | None = None) -> dict[str, Any]:
        email = email or f"{new_id()}@example.com"
        made = self.service.create_account(
            user_id=new_id(), email=email, password=PASSWORD
        )
        return {"id": made["id"], "email": email}

    def signed_in(self, user: dict[str, Any], password: str = PASSWORD) -> dict:
        return self.service.issue_tokens(
            {"grant_type": "password", "email": user["email"], "password": password}
        )

    def refreshed(self, refresh_token: str) -> dict[str, Any]:
        grant = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.service.issue_tokens(grant)

    def caller(self, pair: dict[str, Any]) -> Caller:
        keys = {
            key.kid: jwt.PyJWK(public_jwk(key.private_key, key.kid), "ES256")
            for key in self.store.keyring.published(self.clock.now())
        }
        return read(pair["access_token"], keys)

    @contextmanager
    def acting(self, *roles: str, **whose: Any):
        """While somebody with these roles is asking."""
        before = self.service.identity
        self.service.identity = FakePerson(*roles, **whose)
        yield self.service
        self.service.identity = before

    @contextmanager
    def acting_as(self, pair: dict[str, Any]):
        """While the person who holds this pair is asking."""
        person = FakePerson()
        person.visitor = self.caller(pair)
        before, self.service.identity = self.service.identity, person
        yield self.service
        self.service.identity = before

    def ended(self, since: int = 660) -> list[str]:
        return self.service.list_ended_sessions(seconds=since)["items"]

    def told(self, kind: str) -> list[dict[str, Any]]:
        """What others hear, by type of event."""
        return [body["data"] for body in self.store.events if body["type"] == kind]
