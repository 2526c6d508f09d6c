"""Entrypoints of auth_service: who may sign in, and the tokens that say so."""

from datetime import timedelta
from functools import partial
from typing import Any

from nameko.timer import timer

from common.clock import Clock
from common.discovery import Registration
from common.errors import Refusal
from common.events import event_handler
from common.idempotency import PRUNE_SECONDS
from common.identity import Identity
from common.inbox import LIFE as KNOWN_FOR
from common.inbox import Heard, at_least_once, once
from common.internal import InternalPort
from common.live import LiveSettings
from common.logs.tracer import Tracer
from common.mail import Mail
from common.outages import answering_outages
from common.schemas import parse, show
from common.tokens import public_jwk
from common.wire import rpc
from user_service.backoff import Backoff
from user_service.domain.account import Account
from user_service.domain.session import ACCESS_LIFE, End
from user_service.domain.weak_passwords import demand_strong
from user_service.limits import AccountLimits
from user_service.new_passwords import NewPasswords
from user_service.opaque_tokens import OpaqueTokens
from user_service.passwords import Passwords
from user_service.schemas import (
    AccountDraft,
    AccountView,
    NewPasswordDraft,
    PasswordChangeDraft,
    PasswordResetDraft,
    PasswordResetRequested,
    RolesDraft,
    TokenDraft,
    UserErased,
)
from user_service.signing_in import SessionLives, SigningIn
from user_service.storage.provider import AccountStore

# Nobody has to know of an end when no access token can have outlived it.
MOST_SECONDS = 2 * int(ACCESS_LIFE.total_seconds())
KEPT_AFTER_EXPIRY = timedelta(days=1)


class AuthService:
    name = "auth_service"

    store = AccountStore()
    passwords = Passwords()
    backoff = Backoff()
    limits = AccountLimits()
    opaque = OpaqueTokens()
    lives = SessionLives()
    mail = Mail()
    identity = Identity()
    clock = Clock()
    live = LiveSettings()
    internal = InternalPort()
    tracer = Tracer()
    registration = Registration()

    @property
    def signing_in(self) -> SigningIn:
        return SigningIn(
            self.store,
            self.passwords,
            self.opaque,
            self.backoff,
            self.limits,
            self.lives,
            self.clock,
        )

    @property
    def new_passwords(self) -> NewPasswords:
        return NewPasswords(
            self.store, self.passwords, self.opaque, self.backoff, self.clock
        )

    @rpc
    def create_account(self, user_id: str, email: str, password: str) -> dict[str, Any]:
        fields = parse(
            AccountDraft, {"user_id": user_id, "email": email, "password": password}
        )
        self.limits.take("sign_up", fields["email"])
        demand_strong(fields["password"], fields["email"])
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
    def has_account(self, user_id: str) -> bool:
        with self.store.transaction() as accounts:
            return accounts.has(user_id)

    @rpc
    def get_account(self, user_id: str) -> dict[str, Any]:
        """For an admin, and for whose it is."""
        if self.identity.caller.id != user_id:
            self.identity.only("admin")
        with self.store.transaction() as accounts:
            return show(AccountView, accounts.find(user_id))

    @rpc
    def set_roles(self, user_id: str, draft: dict) -> dict[str, Any]:
        self.identity.only("admin")
        roles = set(parse(RolesDraft, draft)["roles"])
        with self.store.transaction() as accounts:
            others_administer = accounts.has_other_admin(user_id)
            account = accounts.get(user_id)
            account.hold(roles, others_administer)
            accounts.save(account, self.clock.now())
        return show(AccountView, account)

    @rpc
    def set_seller(self, user_id: str, seller_id: str, active: bool) -> dict[str, Any]:
        self.identity.only("admin")
        with self.store.transaction() as accounts:
            account = accounts.get(user_id)
            account.sell_as(seller_id, active)
            accounts.save(account, self.clock.now())
        return show(AccountView, account)

    @rpc
    def issue_tokens(self, draft: dict) -> dict[str, Any]:
        grant = parse(TokenDraft, draft)
        if grant.pop("grant_type") == "password":
            return self.signing_in.by_password(**grant)
        return self.signing_in.by_refresh_token(**grant)

    @rpc
    def end_session(self) -> None:
        """Sign the caller out, of the session that their token is of."""
        caller, now = self.identity.caller, self.clock.now()
        with self.store.transaction() as accounts:
            session = accounts.get_session(caller)
            session.end(End.SIGNED_OUT, now)
            accounts.sessions.save(session, now)

    @rpc
    def change_password(self, draft: dict) -> None:
        caller, wanted = self.identity.caller, parse(PasswordChangeDraft, draft)
        self.new_passwords.change(caller.id, **wanted)

    @rpc
    def request_password_reset(self, draft: dict) -> None:
        email = parse(PasswordResetDraft, draft)["email"]
        self.limits.take("reset", email)
        self.new_passwords.ask(email)

    @rpc
    def reset_password(self, token: str, draft: dict) -> None:
        self.new_passwords.reset(token, **parse(NewPasswordDraft, draft))

    @event_handler("auth_service", "password_reset.requested")
    def on_password_reset_requested(self, event: dict[str, Any]) -> None:
        reset_id = parse(PasswordResetRequested, event["data"])["reset_id"]
        heard = Heard("on_password_reset_requested", event["id"], self.clock.now())
        write = partial(self.new_passwords.write, self.mail, reset_id, event["id"])
        at_least_once(self.store, heard, write)

    @event_handler("user_service", "user.erased")
    def on_user_erased(self, event: dict[str, Any]) -> None:
        user_id = parse(UserErased, event["data"])["user_id"]
        heard = Heard("on_user_erased", event["id"], self.clock.now())
        once(self.store, heard, lambda accounts: accounts.close(user_id, heard.at))

    @rpc
    def get_signing_keys(self) -> dict[str, Any]:
        published = self.store.keyring.published(self.clock.now())
        return {"keys": [public_jwk(key.private_key, key.kid) for key in published]}

    @rpc
    def list_ended_sessions(self, seconds: int) -> dict[str, Any]:
        """The ids of the sessions that ended in the last ``seconds``."""
        after = self.clock.now() - timedelta(seconds=min(seconds, MOST_SECONDS))
        with self.store.transaction() as accounts:
            return {"items": accounts.sessions.ended(after)}

    @timer(interval=PRUNE_SECONDS, expected_exceptions=Refusal)
    @answering_outages
    def prune(self) -> None:
        """Forget what nobody can come with any more."""
        now = self.clock.now()
        with self.store.transaction() as accounts:
            accounts.sessions.prune(now - KEPT_AFTER_EXPIRY, now - self.lives.idle)
            accounts.resets.prune(now)
            accounts.inbox.forget(now - KNOWN_FOR)
        with self.store.key_transaction() as keys:
            keys.prune(now)
