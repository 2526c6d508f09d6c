"""Where people's profiles live, and the keys under which they signed up."""

from datetime import datetime
from typing import Any

from sqlalchemy import Update, delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session as Database

from common.idempotency import prune
from user_service.domain import errors
from user_service.domain.profile import Profile
from user_service.domain.sign_up import LEASE, Claim, SignUp
from user_service.storage.models import IdempotencyKeyRow, ProfileRow


class ProfileRepository:
    def __init__(self, database: Database) -> None:
        self.database = database

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

    def answer(self, user_id: str, answer: dict[str, Any]) -> None:
        """Pin the answer to the key of this person, if they had one."""
        self.database.execute(keys_of(user_id).values(answer=answer))

    def interrupt(self, user_id: str, now: datetime) -> None:
        """Let the next request with the same key go on at once."""
        self.database.execute(keys_of(user_id).values(busy_until=now))

    def remove(self, profile_id: str) -> None:
        """Forget a person, their key included."""
        key = delete(IdempotencyKeyRow).filter_by(user_id=profile_id)
        self.database.execute(key)
        self.database.execute(delete(ProfileRow).filter_by(id=profile_id))

    def find(self, profile_id: str) -> Profile:
        row = self.database.get(ProfileRow, profile_id)
        if row is None:
            raise errors.no_such_user(profile_id)
        return Profile(row.id, row.email, row.full_name, row.created_at)

    def forget_keys(self, before: datetime) -> None:
        prune(self.database, IdempotencyKeyRow, IdempotencyKeyRow.created_at < before)


def keys_of(user_id: str) -> Update:
    return update(IdempotencyKeyRow).filter_by(user_id=user_id)
