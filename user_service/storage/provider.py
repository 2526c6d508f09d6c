"""Hands each worker its own door to accounts or to profiles."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nameko import config
from nameko.containers import WorkerContext

from common.database import PostgresStore, transaction
from common.relaying import RelayedStore
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
        super().__init__(UserBase, UserOutboxRow)

    def setup(self) -> None:
        super().setup()
        self.seal = Seal(config["FIELD_KEYS"])

    def get_dependency(self, worker_ctx: WorkerContext) -> "ProfileDoor":
        database = super().get_dependency(worker_ctx)
        correlation_id = worker_ctx.context_data.get("request_id")
        return ProfileDoor(database, self.seal, self.relay.wake, correlation_id)


class ProfileDoor:
    def __init__(
        self,
        database: Any,
        seal: Seal,
        wake: Callable[[], None],
        correlation_id: str | None,
    ) -> None:
        self.database, self.seal, self.wake = database, seal, wake
        self.correlation_id = correlation_id

    @contextmanager
    def transaction(self) -> Iterator[ProfileRepository]:
        with transaction(self.database) as session:
            profiles = ProfileRepository(session, self.correlation_id)
            yield profiles
        if profiles.has_news:
            self.wake()

    @contextmanager
    def addresses(self) -> Iterator[AddressRepository]:
        with transaction(self.database) as session:
            yield AddressRepository(session, self.seal)
