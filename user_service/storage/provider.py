"""Hands each worker its own door to accounts or to profiles."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from nameko import config
from nameko.containers import WorkerContext

from common.database import transaction
from common.relay import Door, RelayedStore
from common.sealing import Seal
from user_service.domain.signing_key import Keyring
from user_service.storage.accounts import AccountRepository
from user_service.storage.addresses import AddressRepository
from user_service.storage.keys import KeyRepository, KeysAtHand
from user_service.storage.models import AuthBase, AuthOutboxRow, UserBase, UserOutboxRow
from user_service.storage.profiles import ProfileRepository


class AccountStore(RelayedStore):
    def __init__(self) -> None:
        super().__init__(AuthBase, AuthOutboxRow, AccountRepository)
        self.keys = KeysAtHand()

    def get_dependency(self, worker_ctx: WorkerContext) -> "AccountDoor":
        door = super().get_dependency(worker_ctx)
        secret = config["SIGNING_KEY_SECRET"]
        return AccountDoor(**vars(door), keys=self.keys, secret=secret)


@dataclass(frozen=True)
class AccountDoor(Door):
    keys: KeysAtHand
    secret: str = field(repr=False)

    @property
    def keyring(self) -> Keyring:
        return self.keys.of(self.read_keyring)

    def read_keyring(self) -> Keyring:
        with self.key_transaction() as keys:
            return keys.keyring()

    @contextmanager
    def key_transaction(self) -> Iterator[KeyRepository]:
        with transaction(self.database) as session:
            yield KeyRepository(session, self.secret)


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
