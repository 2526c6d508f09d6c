"""The tables of the two databases, one base each."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, JSON, DateTime, ForeignKey, Index, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from common.inbox import InboxMixin
from common.outbox import OutboxMixin

Moment = DateTime(timezone=True)


class AuthBase(DeclarativeBase):
    """The database of auth_service."""


class UserBase(DeclarativeBase):
    """The database of user_service."""


class AccountRow(AuthBase):
    __tablename__ = "accounts"
    __table_args__ = (
        Index(
            "ix_accounts_admins", "id", postgresql_where=text("'admin' = ANY (roles)")
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(String))
    seller_id: Mapped[str | None] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(Moment)
    password_changed_at: Mapped[datetime | None] = mapped_column(Moment)


class SessionRow(AuthBase):
    """That it has ended is asked for when its account is long gone."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(36), index=True)
    started_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Moment, index=True)


class RefreshTokenRow(AuthBase):
    __tablename__ = "refresh_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[str] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), index=True
    )
    seed: Mapped[str]
    used_at: Mapped[datetime | None] = mapped_column(Moment, index=True)


class PasswordResetRow(AuthBase):
    """A row for each that can still be used."""

    __tablename__ = "password_resets"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(36), index=True)
    seed: Mapped[str]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)


class SigningKeyRow(AuthBase):
    """``private_key`` is a PEM, encrypted with the key of the environment."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(primary_key=True)
    private_key: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    signs_at: Mapped[datetime] = mapped_column(Moment)


class AuthOutboxRow(OutboxMixin, AuthBase):
    pass


class AuthInboxRow(InboxMixin, AuthBase):
    pass


class ProfileRow(UserBase):
    __tablename__ = "profiles"
    __table_args__ = (
        Index("ix_profiles_email", "email"),
        Index(
            "ix_profiles_unopened", "created_at", postgresql_where=text("NOT opened")
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    email: Mapped[str]
    full_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    opened: Mapped[bool] = mapped_column(server_default=text("true"))


class IdempotencyKeyRow(UserBase):
    """A request to sign up under a key; of the key, only the hash is kept."""

    __tablename__ = "idempotency_keys"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str]
    user_id: Mapped[str] = mapped_column(ForeignKey("profiles.id"), index=True)
    # JSON and not JSONB, which would answer in another order than the first time.
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    busy_until: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)


class AddressRow(UserBase):
    """``sealed`` is all of the address (user_service/storage/addresses.py)."""

    __tablename__ = "addresses"
    __table_args__ = (
        Index("ix_addresses_of_user", "user_id", "id"),
        Index(
            "ix_addresses_default",
            "user_id",
            unique=True,
            postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("profiles.id"))
    is_default: Mapped[bool]
    sealed: Mapped[str]


class AddressKeyRow(UserBase):
    """A request for a new address under a key, and its answer, sealed."""

    __tablename__ = "address_keys"

    user_id: Mapped[str] = mapped_column(ForeignKey("profiles.id"), primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str]
    answer: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)


class PreferencesRow(UserBase):
    __tablename__ = "preferences"

    user_id: Mapped[str] = mapped_column(ForeignKey("profiles.id"), primary_key=True)
    language: Mapped[str]
    currency: Mapped[str] = mapped_column(String(3))
    marketing_consent: Mapped[bool]


class UserOutboxRow(OutboxMixin, UserBase):
    pass


class UserInboxRow(InboxMixin, UserBase):
    pass
