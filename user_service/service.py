"""Entrypoints of user_service: people, as they tell the shop about themselves."""

from typing import Any

from nameko.timer import timer

from common.clock import Clock
from common.discovery import Registration
from common.errors import Conflict, Invalid, Refusal, Unavailable
from common.idempotency import LIFE, PRUNE_SECONDS
from common.identity import Identity
from common.ids import new_id
from common.metrics import Metrics
from common.outages import answering_outages
from common.schemas import parse, show
from common.wire import ServiceRpc, rpc
from user_service.domain.profile import Profile
from user_service.domain.sign_up import Claim, claimed
from user_service.schemas import UserDraft, UserView
from user_service.storage.provider import ProfileStore


class UserService:
    name = "user_service"

    store = ProfileStore()
    auth = ServiceRpc("auth_service")
    identity = Identity()
    clock = Clock()
    metrics = Metrics()
    registration = Registration()

    @rpc
    def register_user(
        self, draft: dict, key: str | None = None, fingerprint: str | None = None
    ) -> dict[str, Any]:
        """``{"user": ..., "replayed": bool}``; once per ``key``, if there is one."""
        fields = parse(UserDraft, draft)
        password, now = fields.pop("password"), self.clock.now()
        profile = Profile(new_id(), created_at=now, **fields)
        # The profile first: a crash in between leaves a profile nobody can sign
        # in to, never an account without a person.  Its key has no answer before
        # there is an account, so that whoever repeats the request makes it.
        with self.store.transaction() as profiles:
            claim = claimed(key, fingerprint)
            profile, answer = profiles.begin(profile, claim, now)
        if answer:
            return {"user": answer, "replayed": True}
        self.open_account(profile, password)
        return {"user": self.welcome(profile, claim), "replayed": False}

    def open_account(self, profile: Profile, password: str) -> None:
        try:
            self.auth.create_account(
                user_id=profile.id, email=profile.email, password=password
            )
        except (Conflict, Invalid):
            with self.store.transaction() as profiles:
                profiles.remove(profile.id)
            raise
        except Unavailable:
            with self.store.transaction() as profiles:
                profiles.interrupt(profile.id, self.clock.now())
            raise

    def welcome(self, profile: Profile, claim: Claim | None) -> dict[str, Any]:
        answer = show(UserView, profile)
        if claim:
            with self.store.transaction() as profiles:
                profiles.answer(profile.id, answer)
        return answer

    @timer(interval=PRUNE_SECONDS, expected_exceptions=Refusal)
    @answering_outages
    def prune_keys(self) -> None:
        with self.store.transaction() as profiles:
            profiles.forget_keys(self.clock.now() - LIFE)

    @rpc
    def get_user(self) -> dict[str, Any]:
        caller = self.identity.caller
        with self.store.transaction() as profiles:
            return show(UserView, profiles.find(caller.id))
