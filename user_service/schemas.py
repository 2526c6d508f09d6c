"""How accounts, tokens and people look on the wire."""

import unicodedata
from typing import Any

from marshmallow import (
    ValidationError,
    fields,
    validate,
    validates_schema,
)

from common.schemas import Draft, Id, Moment, Reader, Text, printable
from user_service.domain.account import Role

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 128
LONGEST_EMAIL = 254
LONGEST_REFRESH_TOKEN = 200
GRANTS = {"password": {"email", "password"}, "refresh_token": {"refresh_token"}}


class Email(fields.Email):
    """An address, in lower case: two spellings of one address are one account."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            validate=[validate.Length(3, LONGEST_EMAIL), printable], **options
        )

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        return super()._deserialize(value, attr, data, **options).strip().lower()


class Password(fields.String):
    """The same, however it is typed (NFKC, as NIST SP 800-63B has it)."""

    def __init__(self, shortest: int = SHORTEST_PASSWORD, **options: Any) -> None:
        super().__init__(
            validate=[validate.Length(shortest, LONGEST_PASSWORD), printable], **options
        )

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        typed = super()._deserialize(value, attr, data, **options)
        return unicodedata.normalize("NFKC", typed)


class UserDraft(Draft):
    email = Email(required=True)
    password = Password(required=True)
    full_name = Text(200, required=True)


class UserView(Draft):
    id = Id()
    email = fields.String()
    full_name = fields.String()
    created_at = Moment()


class AccountDraft(Draft):
    user_id = Id(required=True)
    email = Email(required=True)
    password = Password(required=True)


class AccountView(Draft):
    id = Id()
    roles = fields.List(fields.Enum(Role, by_value=True), attribute="sorted_roles")
    seller_id = Id(allow_none=True)
    created_at = Moment()


class RolesDraft(Draft):
    """All that an account may do, and nothing else."""

    roles = fields.List(
        fields.Enum(Role, by_value=True),
        required=True,
        validate=validate.Length(1, len(Role)),
    )


class PasswordChangeDraft(Draft):
    current_password = Password(1, required=True)
    password = Password(required=True)


class PasswordResetDraft(Draft):
    email = Email(required=True)


class NewPasswordDraft(Draft):
    password = Password(required=True)


class PasswordResetRequested(Reader):
    """Our own event."""

    reset_id = Id(required=True)


class UserErased(Reader):
    """An event of user_service."""

    user_id = Id(required=True)


class TokenDraft(Draft):
    """A password grant or a refresh token grant (RFC 6749, 4.3 and 6)."""

    grant_type = fields.String(required=True, validate=validate.OneOf(list(GRANTS)))
    email = Email()
    password = Password(1)
    refresh_token = fields.String(
        validate=[validate.Length(1, LONGEST_REFRESH_TOKEN), printable]
    )

    @validates_schema(skip_on_field_errors=True)
    def fits_the_grant(self, data: dict[str, Any], **_: Any) -> None:
        needed = GRANTS[data["grant_type"]]
        given = set(data) - {"grant_type"}
        wrong = {name: ["Missing data for required field."] for name in needed - given}
        wrong |= {name: ["Not part of this grant."] for name in given - needed}
        if wrong:
            raise ValidationError(wrong)


class TokenView(Draft):
    access_token = fields.String()
    token_type = fields.String()
    expires_in = fields.Integer()
    refresh_token = fields.String()
