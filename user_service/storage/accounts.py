"""Where accounts, sessions and refresh tokens live."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session as Database

from user_service.domain import errors
from user_service.domain.account import Account, Role
from user_service.domain.session import RefreshToken, Session, hash_of
from user_service.storage.models import AccountRow, RefreshTokenRow, SessionRow


class AccountRepository:
    def __init__(self, database: Database) -> None:
        self.database = database

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
        row = self.database.get(AccountRow, account_id, with_for_update=True)
        if row is None:
            raise errors.no_such_user(account_id)
        return to_account(row)

    def find_by_email(self, email: str) -> Account | None:
        row = self.database.scalar(select(AccountRow).filter_by(email=email))
        return to_account(row) if row else None

    def save(self, account: Account) -> None:
        self.database.merge(AccountRow(**fields_of(account)))

    def close(self, account_id: str, now: datetime) -> None:
        row = self.database.get(AccountRow, account_id)
        if row:
            row.email, row.password_hash, row.roles = f"gone-{account_id}", "", []
        for session in self.database.scalars(
            select(SessionRow).filter_by(account_id=account_id, ended_at=None)
        ):
            session.ended_at = now

    def sessions_ended(self, after: datetime) -> list[str]:
        ended = select(SessionRow.id).where(SessionRow.ended_at > after)
        return list(self.database.scalars(ended))

    def start_session(self, session: Session, token: RefreshToken) -> None:
        self.database.add(SessionRow(**vars(session)))
        self.database.flush()
        self.database.add(RefreshTokenRow(**vars(token)))

    def refresh_token(self, token: str) -> tuple[RefreshToken, Session]:
        """The token and its session, both locked until the transaction ends."""
        found = self.database.execute(
            select(RefreshTokenRow, SessionRow)
            .join(SessionRow, SessionRow.id == RefreshTokenRow.session_id)
            .where(RefreshTokenRow.token_hash == hash_of(token))
            .with_for_update()
        ).one_or_none()
        if found is None:
            raise errors.invalid_refresh_token()
        return to_token(found[0]), to_session(found[1])

    def save_session(self, session: Session, *tokens: RefreshToken) -> None:
        self.database.merge(SessionRow(**vars(session)))
        for token in tokens:
            self.database.merge(RefreshTokenRow(**vars(token)))


def fields_of(account: Account) -> dict:
    return vars(account) | {"roles": sorted(account.roles)}


def to_account(row: AccountRow) -> Account:
    return Account(
        id=row.id,
        email=row.email,
        password_hash=row.password_hash,
        created_at=row.created_at,
        roles=frozenset(Role(role) for role in row.roles),
        seller_id=row.seller_id,
    )


def to_token(row: RefreshTokenRow) -> RefreshToken:
    return RefreshToken(row.token_hash, row.session_id, row.expires_at, row.used_at)


def to_session(row: SessionRow) -> Session:
    return Session(row.id, row.account_id, row.started_at, row.ended_at)
