"""Hands each worker its own door to accounts or to profiles."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nameko import config
from nameko.containers import WorkerContext

from common.database import PostgresStore, transaction
from common.relay import Door, RelayedStore
from common.sealing import Seal
from user_service.storage.accounts import AccountRepository
from user_service.storage.addresses import AddressRepository
from user_service.storage.keys import Keyring
from user_service.storage.models import AuthBase, UserBase, UserOutboxRow
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


class ProfileStore(RelayedStore):
    def __init__(self) -> None:
        super().__init__(UserBase, UserOutboxRow, ProfileRepository)

    def setup(self) -> None:
        super().setup()
        self.seal = Seal(config["FIELD_KEYS"])

    def get_dependency(self, worker_ctx: WorkerContext) -> "ProfileDoor":
        door = super().get_dependency(worker_ctx)
        return ProfileDoor(**vars(door), seal=self.seal)


@dataclass(frozen=True)
class ProfileDoor(Door):
    seal: Seal

    @contextmanager
    def addresses(self) -> Iterator[AddressRepository]:
        with transaction(self.database) as session:
            yield AddressRepository(session, self.seal)
