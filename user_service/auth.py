"""Entrypoints of auth_service: who may sign in, and the tokens that say so."""

import secrets
from datetime import timedelta
from typing import Any

from common import tokens
from common.clock import Clock
from common.discovery import Registration
from common.errors import Refusal
from common.events import event_handler
from common.identity import Identity
from common.ids import new_id
from common.metrics import Metrics
from common.schemas import parse, show
from common.wire import rpc
from user_service.domain import errors
from user_service.domain.account import Account
from user_service.domain.session import (
    ACCESS_SECONDS,
    RefreshToken,
    Session,
    access_claims,
)
from user_service.passwords import Passwords
from user_service.schemas import (
    AccountDraft,
    AccountView,
    TokenDraft,
    TokenView,
)
from user_service.storage.provider import AccountStore


class AuthService:
    name = "auth_service"

    store = AccountStore()
    passwords = Passwords()
    identity = Identity()
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
    def get_account(self, user_id: str) -> dict[str, Any]:
        if user_id != self.identity.caller.id:
            self.identity.only("admin")
        with self.store.transaction() as accounts:
            return show(AccountView, accounts.get(user_id))

    @event_handler("user_service", "user.erased")
    def on_user_erased(self, event: dict) -> None:
        with self.store.transaction() as accounts:
            accounts.close(event["data"]["user_id"], self.clock.now())

    @rpc
    def set_seller(self, user_id: str, seller_id: str, active: bool) -> dict[str, Any]:
        self.identity.only("admin")
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

    @rpc
    def list_ended_sessions(self, seconds: int) -> dict[str, Any]:
        """The ids of the sessions that ended in the last ``seconds``."""
        after = self.clock.now() - timedelta(seconds=seconds)
        with self.store.transaction() as accounts:
            return {"items": accounts.sessions_ended(after)}

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
