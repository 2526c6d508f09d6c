"""Choosing another password: by knowing the old one, or by mail."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.clock import Clock
from common.errors import Unavailable
from common.ids import new_id
from common.mail import Mail
from user_service.backoff import Attempts
from user_service.domain import errors, letters
from user_service.domain.account import Account
from user_service.domain.password_reset import LIFE, PasswordReset
from user_service.domain.session import End, hash_of
from user_service.domain.weak_passwords import demand_strong
from user_service.opaque_tokens import OpaqueTokens
from user_service.passwords import Passwords


@dataclass(frozen=True)
class NewPasswords:
    store: Any
    passwords: Passwords
    opaque: OpaqueTokens
    backoff: Attempts
    clock: Clock

    def change(self, account_id: str, current_password: str, password: str) -> None:
        with self.store.transaction() as accounts:
            account = accounts.find(account_id)
        demand_strong(password, account.email)
        self.demand_known(current_password, account)
        password_hash = self.passwords.hash(password)
        with self.store.transaction() as accounts:
            account = accounts.get_same(account)
            accounts.resets.void(account.id)
            self.replace(accounts, account, password_hash, End.PASSWORD_CHANGED)

    def demand_known(self, current_password: str, account: Account) -> None:
        """Whoever has found a phone that is signed in may not guess for ever."""
        self.backoff.check(account.email)
        if not self.passwords.fits(current_password, account.password_hash):
            self.backoff.failed(account.email)
            raise errors.wrong_current_password()
        self.backoff.succeeded(account.email)

    def replace(
        self, accounts: Any, account: Account, password_hash: str, why: End
    ) -> None:
        now = self.clock.now()
        account.change_password(password_hash, why, now)
        accounts.save(account, now)

    def ask(self, email: str) -> None:
        """Have a letter sent to this address, if it is somebody's.

        If it is nobody's, as much is done, and nothing of it is kept.
        """
        now = self.clock.now()
        with self.store.transaction() as accounts:
            account = accounts.find_by_email(email)
            accounts.resets.hurry()
            keep = accounts.resets.add if account else accounts.resets.pretend
            keep(self.prepared(account.id if account else new_id(), now), now)

    def prepared(self, account_id: str, now: datetime) -> PasswordReset:
        reset_id, seed = new_id(), self.opaque.fresh()
        token = self.opaque.derived(reset_id, seed)
        return PasswordReset(reset_id, account_id, seed, hash_of(token), now + LIFE)

    def write(self, mail: Mail, reset_id: str, cause: str) -> None:
        """Send the letter, unless what it is about is over."""
        with self.store.transaction() as accounts:
            reset = accounts.resets.find(reset_id)
            account = accounts.find(reset.account_id) if reset else None
        if reset and account:
            token = self.opaque.derived(reset.id, reset.seed)
            letter = letters.new_password(token)
            mail.send(account.email, letter.subject, letter.text, cause)

    def reset(self, token: str, password: str) -> None:
        with self.store.transaction() as accounts:
            reset = accounts.resets.find_good(hash_of(token), self.clock.now())
            account = accounts.find(reset.account_id)
        demand_strong(password, account.email)
        password_hash = self.passwords.hash(password)
        with self.store.transaction() as accounts:
            account = accounts.get(reset.account_id)
            accounts.resets.use(reset)
            self.replace(accounts, account, password_hash, End.PASSWORD_RESET)
        # Whoever reads the owner's mail need not wait for their own wrong tries.
        with suppress(Unavailable):
            self.backoff.succeeded(account.email)
