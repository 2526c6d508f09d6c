"""The demo accounts: random passwords, kept in ``demo-accounts.json``."""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from common.database import with_driver
from common.ids import new_id
from user_service.domain.account import Account, Role
from user_service.domain.profile import Profile
from user_service.storage.accounts import AccountRepository
from user_service.storage.profiles import ProfileRepository

HASHER = PasswordHasher()


@dataclass(frozen=True)
class DemoAccount:
    email: str
    password: str
    roles: list[str]


def demo_accounts(path: Path, sellers: int) -> list[DemoAccount]:
    """The accounts of ``path``, which is written when it is not there yet."""
    if path.exists():
        return [DemoAccount(**entry) for entry in json.loads(path.read_text())]
    accounts = [DemoAccount(*person) for person in cast(sellers)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps([asdict(one) for one in accounts], indent=1) + "\n")
    return accounts


def cast(sellers: int) -> list[tuple[str, str, list[str]]]:
    people = [("admin", "admin"), ("support", "support"), ("customer", None)]
    people += [(f"seller-{number}", "seller") for number in range(1, sellers + 1)]
    return [
        (
            f"{name}@demo.example",
            secrets.token_urlsafe(12),
            ["customer", role] if role else ["customer"],
        )
        for name, role in people
    ]


class People:
    """Accounts and profiles, straight in their databases."""

    def __init__(self, auth_uri: str, user_uri: str) -> None:
        self.auth = create_engine(with_driver(auth_uri))
        self.users = create_engine(with_driver(user_uri))

    def close(self) -> None:
        self.auth.dispose()
        self.users.dispose()

    def ensure(self, demo: DemoAccount) -> str:
        """The id of the account, made or given its password where needed."""
        with Session(self.auth) as session, session.begin():
            accounts = AccountRepository(session)
            account = accounts.find_by_email(demo.email) or self.add(demo, accounts)
            account.roles |= {Role(role) for role in demo.roles}
            if not fits(demo.password, account.password_hash):
                account.password_hash = HASHER.hash(demo.password)
            accounts.save(account, datetime.now(UTC))
            return account.id

    def add(self, demo: DemoAccount, accounts: AccountRepository) -> Account:
        account_id, now = new_id(), datetime.now(UTC)
        name = demo.email.partition("@")[0].replace("-", " ").title()
        with Session(self.users) as session, session.begin():
            person = Profile(account_id, demo.email, f"Demo {name}", now, opened=True)
            ProfileRepository(session).add(person)
        account = Account(account_id, demo.email, HASHER.hash(demo.password), now)
        accounts.add(account)
        return account

    def make_seller(self, account_id: str, seller_id: str) -> None:
        with Session(self.auth) as session, session.begin():
            accounts = AccountRepository(session)
            account = accounts.get(account_id)
            account.sell_as(seller_id, active=True)
            accounts.save(account, datetime.now(UTC))


def fits(password: str, password_hash: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except VerificationError:
        return False
