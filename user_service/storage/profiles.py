"""Where people's profiles live."""

from sqlalchemy.orm import Session as Database

from user_service.domain import errors
from user_service.domain.profile import Profile
from user_service.storage.models import ProfileRow


class ProfileRepository:
    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, profile: Profile) -> None:
        self.database.add(ProfileRow(**vars(profile)))

    def remove(self, profile_id: str) -> None:
        row = self.database.get(ProfileRow, profile_id)
        if row is not None:
            self.database.delete(row)

    def find(self, profile_id: str) -> Profile:
        row = self.database.get(ProfileRow, profile_id)
        if row is None:
            raise errors.no_such_user(profile_id)
        return Profile(row.id, row.email, row.full_name, row.created_at)
