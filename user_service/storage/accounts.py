"""Where accounts live, with their sessions and their password resets.

Whoever changes anything of an account locks the account first, so that no two
do it at once and nobody waits for somebody who waits for them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import any_, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session as Database

from common.inbox import Inbox
from common.outbox import tell
from common.tokens import Caller, bad_token
from user_service.domain import errors
from user_service.domain.account import Account, Role
from user_service.domain.session import End, RefreshToken, Session
from user_service.storage.models import AccountRow, AuthInboxRow, AuthOutboxRow
from user_service.storage.resets import ResetRepository
from user_service.storage.sessions import SessionRepository

ADMINS_LOCK = 0xAD
COLUMNS = [column.name for column in AccountRow.__table__.columns]


class AccountRepository:
    def __init__(self, database: Database, correlation_id: str | None = None) -> None:
        self.database, self.correlation_id = database, correlation_id
        self.has_news = False
        self.sessions = SessionRepository(database, self.tell)
        self.resets = ResetRepository(database, self.tell)
        self.inbox = Inbox(database, AuthInboxRow)

    def add(self, account: Account) -> None:
        """Keep a new account, once; one e-mail has one account."""
        added = self.database.scalar(
            insert(AccountRow)
            .values(**fields_of(account))
            .on_conflict_do_nothing()
            .returning(AccountRow.id)
        )
        if added is None and self.database.get(AccountRow, account.id) is None:
            raise errors.email_taken()

    def get(self, account_id: str) -> Account:
        """An account to change, locked until the transaction ends."""
        row = self.database.get(AccountRow, account_id, with_for_update=True)
        if row is None:
            raise errors.no_such_user(account_id)
        return to_account(row)

    def find(self, account_id: str) -> Account:
        row = self.database.get(AccountRow, account_id)
        if row is None:
            raise errors.no_such_user(account_id)
        return to_account(row)

    def has(self, account_id: str) -> bool:
        return self.database.get(AccountRow, account_id) is not None

    def find_by_email(self, email: str) -> Account | None:
        row = self.database.scalar(select(AccountRow).filter_by(email=email))
        return to_account(row) if row else None

    def get_same(self, earlier: Account) -> Account:
        """The account, locked; raises when its password is another by now."""
        row = self.database.get(AccountRow, earlier.id, with_for_update=True)
        if row is None or not to_account(row).same_password_as(earlier):
            raise errors.invalid_credentials()
        return to_account(row)

    def get_by_token(self, token: str) -> tuple[Account, Session, RefreshToken]:
        """Whose refresh token that is, locked, and the session it belongs to."""
        account_id = self.sessions.owner_of(token)
        row = self.database.get(AccountRow, account_id, with_for_update=True)
        if row is None:
            raise errors.invalid_refresh_token()
        return to_account(row), *self.sessions.of(token)

    def get_session(self, caller: Caller) -> Session:
        """The session of the caller's token, locked by its account."""
        self.database.get(AccountRow, caller.id, with_for_update=True)
        session = self.sessions.find(caller.session_id)
        if session is None or session.account_id != caller.id:
            raise bad_token()
        return session

    def save(self, account: Account, now: datetime) -> None:
        self.database.merge(AccountRow(**fields_of(account)))
        if account.sessions_end:
            self.sessions.end_all(account.id, account.sessions_end, now)
            account.sessions_end = None

    def close(self, account_id: str, now: datetime) -> None:
        """Forget an account, if it is there; that its sessions ended is remembered."""
        self.database.get(AccountRow, account_id, with_for_update=True)
        self.sessions.end_all(account_id, End.ERASED, now)
        self.resets.void(account_id)
        self.database.execute(delete(AccountRow).filter_by(id=account_id))

    def has_other_admin(self, account_id: str) -> bool:
        """Nobody who asks the same gets an answer before this transaction ends.

        It is asked before an account is locked.
        """
        self.database.execute(select(func.pg_advisory_xact_lock(ADMINS_LOCK)))
        is_admin = literal(Role.ADMIN.value) == any_(AccountRow.roles)
        others = select(AccountRow.id).where(is_admin, AccountRow.id != account_id)
        return self.database.scalar(others.limit(1)) is not None

    def tell(self, event: Any, user_id: str, now: datetime) -> None:
        """Let others hear of ``event`` once the transaction has ended well."""
        request_id = self.correlation_id
        tell(self.database, AuthOutboxRow, event, user_id, now, request_id=request_id)
        self.has_news = True


def fields_of(account: Account) -> dict:
    fields = {name: getattr(account, name) for name in COLUMNS}
    return fields | {"roles": account.sorted_roles}


def to_account(row: AccountRow) -> Account:
    fields = {name: getattr(row, name) for name in COLUMNS}
    return Account(**fields | {"roles": frozenset(map(Role, row.roles))})
