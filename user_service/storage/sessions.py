"""Where sessions live, and the refresh tokens by which they go on."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Database

from common.idempotency import prune
from user_service.domain import errors
from user_service.domain.session import (
    End,
    RefreshToken,
    Session,
    SessionsEnded,
    hash_of,
)
from user_service.storage.models import RefreshTokenRow, SessionRow

# Of one event; somebody may have signed in from very many places.
MOST_TOLD = 500
COLUMNS = [column.name for column in SessionRow.__table__.columns]


class SessionRepository:
    def __init__(
        self, database: Database, tell: Callable[[Any, str, datetime], None]
    ) -> None:
        self.database, self.tell = database, tell

    def start(self, session: Session, token: RefreshToken) -> None:
        self.database.add(SessionRow(**fields_of(session)))
        self.database.flush()
        self.database.add(RefreshTokenRow(**vars(token)))

    def owner_of(self, token: str) -> str:
        """The id of the account; nothing is locked, and nothing remembered."""
        owner = select(SessionRow.account_id).join(
            RefreshTokenRow, RefreshTokenRow.session_id == SessionRow.id
        )
        is_it = RefreshTokenRow.token_hash == hash_of(token)
        found = self.database.scalar(owner.where(is_it))
        if found is None:
            raise errors.invalid_refresh_token()
        return found

    def of(self, token: str) -> tuple[Session, RefreshToken]:
        found = self.find_token(token)
        session = self.find(found.session_id) if found else None
        if found is None or session is None:
            raise errors.invalid_refresh_token()
        return session, found

    def find_token(self, token: str) -> RefreshToken | None:
        row = self.database.get(RefreshTokenRow, hash_of(token))
        if row is None:
            return None
        return RefreshToken(row.token_hash, row.session_id, row.seed, row.used_at)

    def find(self, session_id: str) -> Session | None:
        row = self.database.get(SessionRow, session_id)
        return to_session(row) if row else None

    def save(
        self,
        session: Session,
        now: datetime,
        used: RefreshToken | None = None,
        new: RefreshToken | None = None,
    ) -> None:
        self.database.merge(SessionRow(**fields_of(session)))
        if used:
            self.database.merge(RefreshTokenRow(**vars(used)))
        if new:
            self.database.add(RefreshTokenRow(**vars(new)))
        while session.events:
            self.tell(session.events.pop(0), session.account_id, now)

    def end_all(self, account_id: str, why: End, now: datetime) -> None:
        """End what goes on of this account, and tell of it."""
        goes_on = (SessionRow.ended_at.is_(None), SessionRow.expires_at > now)
        ended = list(
            self.database.scalars(
                update(SessionRow)
                .where(SessionRow.account_id == account_id, *goes_on)
                .values(ended_at=now)
                .returning(SessionRow.id)
            )
        )
        for first in range(0, len(ended), MOST_TOLD):
            some = ended[first : first + MOST_TOLD]
            self.tell(SessionsEnded(account_id, some, why), account_id, now)

    def ended(self, after: datetime) -> list[str]:
        ended = select(SessionRow.id).where(SessionRow.ended_at > after)
        return list(self.database.scalars(ended))

    def prune(self, expired_before: datetime, used_before: datetime) -> None:
        """Forget sessions, and tokens, that nobody can come with any more."""
        prune(self.database, RefreshTokenRow, RefreshTokenRow.used_at < used_before)
        prune(self.database, SessionRow, SessionRow.expires_at < expired_before)


def fields_of(session: Session) -> dict:
    return {name: getattr(session, name) for name in COLUMNS}


def to_session(row: SessionRow) -> Session:
    return Session(**{name: getattr(row, name) for name in COLUMNS})
