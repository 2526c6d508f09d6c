"""Entrypoints of auth_service and user_service, a process each."""

import secrets
from typing import Any

from nameko.timer import timer

from common import tokens
from common.clock import Clock
from common.discovery import Registration
from common.errors import Conflict, Invalid, Refusal, Unavailable
from common.idempotency import LIFE, PRUNE_SECONDS
from common.ids import new_id
from common.metrics import Metrics
from common.outages import answering_outages
from common.schemas import parse, show
from common.wire import ServiceRpc, rpc
from user_service.domain import errors
from user_service.domain.account import Account
from user_service.domain.profile import Profile
from user_service.domain.session import (
    ACCESS_SECONDS,
    RefreshToken,
    Session,
    access_claims,
)
from user_service.domain.sign_up import Claim, claimed
from user_service.passwords import Passwords
from user_service.schemas import (
    AccountDraft,
    AccountView,
    TokenDraft,
    TokenView,
    UserDraft,
    UserView,
)
from user_service.storage.provider import AccountStore, ProfileStore


class AuthService:
    name = "auth_service"

    store = AccountStore()
    passwords = Passwords()
    clock = Clock()
    metrics = Metrics()
    registration = Registration()

    @rpc
    def create_account(self, user_id: str, email: str, password: str) -> dict[str, Any]:
        fields = parse(
            AccountDraft, {"user_id": user_id, "email": email, "password": password}
        )
        account = Account(
            id=fields["user_id"],
            email=fields["email"],
            password_hash=self.passwords.hash(fields["password"]),
            created_at=self.clock.now(),
        )
        with self.store.transaction() as accounts:
            accounts.add(account)
        return show(AccountView, account)

    @rpc
    def set_seller(self, user_id: str, seller_id: str, active: bool) -> dict[str, Any]:
        with self.store.transaction() as accounts:
            account = accounts.get(user_id)
            account.sell_as(seller_id, active)
            accounts.save(account)
        return show(AccountView, account)

    @rpc
    def issue_tokens(self, draft: dict) -> dict[str, Any]:
        grant = parse(TokenDraft, draft)
        if grant.pop("grant_type") == "password":
            return self.sign_in(**grant)
        return self.refresh(**grant)

    @rpc
    def get_signing_keys(self) -> dict[str, Any]:
        with self.store.keyring() as keyring:
            return keyring.jwks()

    def sign_in(self, email: str, password: str) -> dict[str, Any]:
        with self.store.transaction() as accounts:
            account = accounts.find_by_email(email)
        known = account.password_hash if account else None
        if not self.passwords.fits(password, known) or account is None:
            raise errors.invalid_credentials()
        now, refresh_token = self.clock.now(), secrets.token_urlsafe(32)
        session = Session(new_id(), account.id, now)
        with self.store.transaction() as accounts:
            token = RefreshToken.issue(refresh_token, session.id, now)
            accounts.start_session(session, token)
        return self.token_pair(account, session, refresh_token)

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        now, successor = self.clock.now(), secrets.token_urlsafe(32)
        refusal = None
        with self.store.transaction() as accounts:
            token, session = accounts.refresh_token(refresh_token)
            try:
                token.use(session, now)
                token_pair = [token, RefreshToken.issue(successor, session.id, now)]
            except Refusal as refused:
                refusal, token_pair = refused, [token]
            accounts.save_session(session, *token_pair)
            account = accounts.get(session.account_id)
        # Raised after the commit: a session that ends by a refusal stays ended.
        if refusal:
            raise refusal
        return self.token_pair(account, session, successor)

    def token_pair(
        self, account: Account, session: Session, refresh_token: str
    ) -> dict[str, Any]:
        now = self.clock.now()
        claims = access_claims(account.claims(), session.id, new_id(), now)
        with self.store.keyring() as keyring:
            kid, private_key = keyring.signing_key()
        return show(
            TokenView,
            {
                "access_token": tokens.issue(claims, private_key, kid),
                "token_type": "Bearer",
                "expires_in": ACCESS_SECONDS,
                "refresh_token": refresh_token,
            },
        )


class UserService:
    name = "user_service"

    store = ProfileStore()
    auth = ServiceRpc("auth_service")
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
    def get_user(self, user_id: str) -> dict[str, Any]:
        with self.store.transaction() as profiles:
            return show(UserView, profiles.find(user_id))
