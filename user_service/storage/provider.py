"""Hands each worker its own door to accounts or to profiles."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nameko import config
from nameko.containers import WorkerContext

from common.database import PostgresStore, transaction
from user_service.storage.accounts import AccountRepository
from user_service.storage.keys import Keyring
from user_service.storage.models import AuthBase, UserBase
from user_service.storage.profiles import ProfileRepository


class AccountStore(PostgresStore):
    def __init__(self) -> None:
        super().__init__(AuthBase)

    def get_dependency(self, worker_ctx: WorkerContext) -> "AccountDoor":
        database = super().get_dependency(worker_ctx)
        return AccountDoor(database, config["SIGNING_KEY_SECRET"])


class AccountDoor:
    def __init__(self, database: Any, secret: str) -> None:
        self.database, self.secret = database, secret

    @contextmanager
    def transaction(self) -> Iterator[AccountRepository]:
        with transaction(self.database) as session:
            yield AccountRepository(session)

    @contextmanager
    def keyring(self) -> Iterator[Keyring]:
        with transaction(self.database) as session:
            yield Keyring(session, self.secret)


class ProfileStore(PostgresStore):
    def __init__(self) -> None:
        super().__init__(UserBase)

    def get_dependency(self, worker_ctx: WorkerContext) -> "ProfileDoor":
        return ProfileDoor(super().get_dependency(worker_ctx))


class ProfileDoor:
    def __init__(self, database: Any) -> None:
        self.database = database

    @contextmanager
    def transaction(self) -> Iterator[ProfileRepository]:
        with transaction(self.database) as session:
            yield ProfileRepository(session)
