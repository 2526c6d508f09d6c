"""Where password resets live until they are used, or too old."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session as Database

from common.idempotency import prune
from user_service.domain import errors
from user_service.domain.password_reset import PasswordReset, PasswordResetRequested
from user_service.storage.models import PasswordResetRow

COLUMNS = [column.name for column in PasswordResetRow.__table__.columns]


class ResetRepository:
    def __init__(
        self, database: Database, tell: Callable[[Any, str, datetime], None]
    ) -> None:
        self.database, self.tell = database, tell

    def add(self, reset: PasswordReset, now: datetime) -> None:
        self.database.add(PasswordResetRow(**vars(reset)))
        event = PasswordResetRequested(reset.account_id, reset.id)
        self.tell(event, reset.account_id, now)
        self.database.flush()

    def pretend(self, reset: PasswordReset, now: datetime) -> None:
        """Take as long as ``add``, and keep nothing."""
        nested = self.database.begin_nested()
        self.add(reset, now)
        nested.rollback()

    def hurry(self) -> None:
        """Do not wait for the disk: that would tell a reset from a pretended one."""
        self.database.execute(text("SET LOCAL synchronous_commit TO off"))

    def find(self, reset_id: str) -> PasswordReset | None:
        row = self.database.get(PasswordResetRow, reset_id)
        return to_reset(row) if row else None

    def find_good(self, token_hash: str, now: datetime) -> PasswordReset:
        found = select(PasswordResetRow).filter_by(token_hash=token_hash)
        row = self.database.scalar(found)
        if row is None or row.expires_at <= now:
            raise errors.invalid_reset_token()
        return to_reset(row)

    def use(self, reset: PasswordReset) -> None:
        """Void all of the account; raises when somebody else was quicker."""
        if reset.id not in self.void(reset.account_id):
            raise errors.invalid_reset_token()

    def void(self, account_id: str) -> list[str]:
        mine = delete(PasswordResetRow).filter_by(account_id=account_id)
        return list(self.database.scalars(mine.returning(PasswordResetRow.id)))

    def prune(self, expired_before: datetime) -> None:
        old = PasswordResetRow.expires_at < expired_before
        prune(self.database, PasswordResetRow, old)


def to_reset(row: PasswordResetRow) -> PasswordReset:
    return PasswordReset(**{name: getattr(row, name) for name in COLUMNS})
