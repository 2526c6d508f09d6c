"""Where people's profiles and preferences live, and the keys of their sign-ups."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session as Database

from common.idempotency import prune
from common.inbox import Inbox
from common.outbox import tell
from user_service.domain import errors
from user_service.domain.events import UserErased, UserRegistered
from user_service.domain.preferences import Preferences
from user_service.domain.profile import Profile
from user_service.domain.sign_up import LEASE, Claim, SignUp
from user_service.storage.models import (
    AddressKeyRow,
    AddressRow,
    IdempotencyKeyRow,
    PreferencesRow,
    ProfileRow,
    UserInboxRow,
    UserOutboxRow,
)

THEIRS = (IdempotencyKeyRow, AddressKeyRow, AddressRow, PreferencesRow)


class ProfileRepository:
    def __init__(self, database: Database, correlation_id: str | None = None) -> None:
        self.database, self.correlation_id = database, correlation_id
        self.has_news = False
        self.inbox = Inbox(database, UserInboxRow)

    def begin(
        self, profile: Profile, claim: Claim | None, now: datetime
    ) -> tuple[Profile, dict[str, Any] | None]:
        """The person that ``claim`` is about, and the answer that was given.

        That is ``profile``, now kept, unless the key has begun with one before.
        """
        if claim is None:
            self.add(profile)
            return profile, None
        known = self.find_sign_up(claim)
        if known is None:
            self.add(profile)
            self.take(claim, profile.id, now)
            return profile, None
        known.again(claim, now)
        self.keep(known)
        return self.find(known.user_id), known.answer

    def add(self, profile: Profile) -> None:
        self.database.add(ProfileRow(**vars(profile)))
        self.database.flush()

    def take(self, claim: Claim, user_id: str, now: datetime) -> None:
        row = {"user_id": user_id, "busy_until": now + LEASE, "created_at": now}
        taken = self.database.scalar(
            insert(IdempotencyKeyRow)
            .values(vars(claim) | row)
            .on_conflict_do_nothing()
            .returning(IdempotencyKeyRow.key_hash)
        )
        if taken is None:
            raise errors.request_in_progress()

    def find_sign_up(self, claim: Claim) -> SignUp | None:
        row = self.database.get(IdempotencyKeyRow, claim.key_hash, with_for_update=True)
        if row is None:
            return None
        known = Claim(row.key_hash, row.fingerprint)
        return SignUp(known, row.user_id, row.busy_until, row.answer)

    def keep(self, sign_up: SignUp) -> None:
        until = sign_up.busy_until
        self.database.execute(keys_of(sign_up.user_id).values(busy_until=until))

    def welcome(self, user_id: str, answer: dict[str, Any], now: datetime) -> None:
        """Tell that somebody has signed up, and pin the answer to their key; once."""
        row = self.locked(user_id)
        if row and not row.opened:
            row.opened = True
            self.database.execute(keys_of(user_id).values(answer=answer))
            self.tell(UserRegistered(user_id), now)

    def interrupt(self, user_id: str, now: datetime) -> None:
        """Let the next request with the same key go on at once."""
        self.database.execute(keys_of(user_id).values(busy_until=now))

    def unopened(self, before: datetime, most: int) -> list[Profile]:
        """Whose sign-up nobody has been at since ``before``; the oldest first."""
        left = select(ProfileRow).where(
            ~ProfileRow.opened, ProfileRow.created_at < before, ~being_tried(before)
        )
        oldest = left.order_by(ProfileRow.created_at).limit(most)
        return [to_profile(row) for row in self.database.scalars(oldest)]

    def give_up(self, profile_id: str, before: datetime, now: datetime) -> None:
        """Erase who is still not opened, unless somebody has tried it since."""
        row = self.locked(profile_id)
        if row is None or row.opened:
            return
        # Locked, so that nobody takes the sign-up up again while it is looked at.
        keys = select(IdempotencyKeyRow).filter_by(user_id=profile_id)
        tried = self.database.scalars(keys.with_for_update())
        if all(key.busy_until < before for key in tried):
            self.erase(profile_id, now)

    def locked(self, profile_id: str) -> ProfileRow | None:
        """Before anything that is theirs, so that nobody waits in a circle."""
        return self.database.get(ProfileRow, profile_id, with_for_update=True)

    def remove(self, profile_id: str) -> None:
        """Forget a person, and all that is theirs."""
        self.locked(profile_id)
        for theirs in THEIRS:
            self.database.execute(delete(theirs).filter_by(user_id=profile_id))
        self.database.execute(delete(ProfileRow).filter_by(id=profile_id))

    def erase(self, profile_id: str, now: datetime) -> None:
        """Forget a person, and tell that they are gone; once."""
        if self.locked(profile_id):
            self.remove(profile_id)
            self.tell(UserErased(profile_id), now)

    def tell(self, event: UserRegistered | UserErased, now: datetime) -> None:
        self.has_news = True
        told = self.database, UserOutboxRow, event, event.user_id, now
        tell(*told, request_id=self.correlation_id)

    def get(self, profile_id: str) -> Profile:
        """A person to change, locked until the transaction ends."""
        return to_profile(self.row(profile_id, to_change=True))

    def find(self, profile_id: str) -> Profile:
        return to_profile(self.row(profile_id))

    def find_opened(self, profile_id: str) -> Profile:
        profile = self.find(profile_id)
        if not profile.opened:
            raise errors.no_such_user(profile_id)
        return profile

    def row(self, profile_id: str, to_change: bool = False) -> ProfileRow:
        row = self.database.get(ProfileRow, profile_id, with_for_update=to_change)
        if row is None:
            raise errors.no_such_user(profile_id)
        return row

    def save(self, profile: Profile) -> None:
        self.row(profile.id).full_name = profile.full_name

    def newest(self, limit: int, cursor: list | None) -> list[Profile]:
        """Up to ``limit + 1`` people who have an account."""
        opened = select(ProfileRow).where(ProfileRow.opened)
        wanted = opened.order_by(ProfileRow.id.desc()).limit(limit + 1)
        if cursor:
            wanted = wanted.where(ProfileRow.id < cursor[-1])
        return [to_profile(row) for row in self.database.scalars(wanted)]

    def preferences(self, profile_id: str) -> Preferences:
        row = self.database.get(PreferencesRow, self.row(profile_id).id)
        if row is None:
            return Preferences()
        return Preferences(row.language, row.currency, row.marketing_consent)

    def prefer(self, profile_id: str, preferences: Preferences) -> None:
        row = vars(preferences) | {"user_id": self.row(profile_id, to_change=True).id}
        self.database.execute(
            insert(PreferencesRow)
            .values(row)
            .on_conflict_do_update(index_elements=["user_id"], set_=row)
        )

    def forget_keys(self, before: datetime) -> None:
        prune(self.database, IdempotencyKeyRow, IdempotencyKeyRow.created_at < before)


def to_profile(row: ProfileRow) -> Profile:
    return Profile(row.id, row.email, row.full_name, row.created_at, row.opened)


def being_tried(since: datetime) -> ColumnElement[bool]:
    of_them = IdempotencyKeyRow.user_id == ProfileRow.id
    return exists().where(of_them, IdempotencyKeyRow.busy_until >= since)


def keys_of(user_id: str) -> Update:
    return update(IdempotencyKeyRow).filter_by(user_id=user_id)
