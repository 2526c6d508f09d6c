"""Signing in, and carrying on: from a password or a refresh token to a pair."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nameko import config
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from common import tokens
from common.clock import Clock
from common.errors import Refusal
from common.ids import new_id
from common.schemas import show
from user_service.backoff import Attempts
from user_service.domain import errors
from user_service.domain.account import Account
from user_service.domain.session import (
    End,
    Lives,
    RefreshToken,
    Session,
    access_claims,
    hash_of,
)
from user_service.limits import AccountLimits
from user_service.opaque_tokens import OpaqueTokens
from user_service.passwords import Passwords
from user_service.schemas import TokenView

log = logging.getLogger(__name__)


class SessionLives(DependencyProvider):
    def setup(self) -> None:
        days = config["SESSIONS"]
        idle, absolute = days["idle_days"], days["absolute_days"]
        self.lives = Lives(timedelta(days=idle), timedelta(days=absolute))

    def get_dependency(self, worker_ctx: WorkerContext) -> Lives:
        return self.lives


@dataclass(frozen=True)
class SigningIn:
    store: Any
    passwords: Passwords
    opaque: OpaqueTokens
    backoff: Attempts
    limits: AccountLimits
    lives: Lives
    clock: Clock

    def by_password(self, email: str, password: str) -> dict[str, Any]:
        # In this order: in a storm it costs little to be sent away, and who has to
        # wait does not use up the owner's quota.
        self.passwords.demand_room()
        self.backoff.check(email)
        self.limits.take("sign_in", email)
        account = self.proven(email, password)
        self.backoff.succeeded(email)
        now, refresh_token = self.clock.now(), self.opaque.fresh()
        session = Session.start(new_id(), account.id, self.lives, now)
        password_hash = self.up_to_date(password, account.password_hash)
        with self.store.transaction() as accounts:
            # What fitted above may have been changed, to lock somebody out.
            account = accounts.get_same(account)
            account.password_hash = password_hash
            accounts.save(account, now)
            token = self.kept(refresh_token, session)
            accounts.sessions.start(session, token)
        return self.pair(account, session, refresh_token)

    def proven(self, email: str, password: str) -> Account:
        with self.store.transaction() as accounts:
            account = accounts.find_by_email(email)
        known = account.password_hash if account else None
        if not self.passwords.fits(password, known) or account is None:
            self.backoff.failed(email)
            raise errors.invalid_credentials()
        return account

    def up_to_date(self, password: str, password_hash: str) -> str:
        """The hash of a password that fits, as we would make it today."""
        if self.passwords.is_outdated(password_hash):
            return self.passwords.hash(password)
        return password_hash

    def by_refresh_token(self, refresh_token: str) -> dict[str, Any]:
        with self.store.transaction() as accounts:
            owner = accounts.sessions.owner_of(refresh_token)
        self.limits.take("refresh", owner)
        now, new, refusal = self.clock.now(), None, None
        with self.store.transaction() as accounts:
            account, session, token = accounts.get_by_token(refresh_token)
            successor = self.opaque.derived(refresh_token, token.seed)
            known = accounts.sessions.find_token(successor)
            try:
                token.use(session, known, self.lives, now)
                new = None if known else self.kept(successor, session)
            except Refusal as refused:
                refusal = refused
            accounts.sessions.save(session, now, token, new)
        # Raised after the commit: a session that ends by a refusal stays ended.
        if refusal:
            raise noted(refusal, session)
        return self.pair(account, session, successor)

    def kept(self, refresh_token: str, session: Session) -> RefreshToken:
        return RefreshToken(hash_of(refresh_token), session.id, self.opaque.fresh())

    def pair(
        self, account: Account, session: Session, refresh_token: str
    ) -> dict[str, Any]:
        now = self.clock.now()
        claims = access_claims(account.claims(), session, new_id(), now)
        key = self.store.keyring.signing(now)
        return show(
            TokenView,
            {
                "access_token": tokens.issue(claims, key.private_key, key.kid),
                "token_type": "Bearer",
                "expires_in": claims["exp"] - claims["iat"],
                "refresh_token": refresh_token,
            },
        )


def noted(refusal: Refusal, session: Session) -> Refusal:
    """``refusal``, with a line for who watches over us if it has ended a session."""
    if refusal.code == End.REFRESH_TOKEN_REUSED:
        who = {"user_id": session.account_id, "session_id": session.id}
        log.warning(refusal.code, extra=who)
    return refusal
