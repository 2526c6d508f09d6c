"""How accounts, tokens and people look on the wire."""

import unicodedata
from typing import Any

from marshmallow import (
    ValidationError,
    fields,
    post_dump,
    validate,
    validates_schema,
)

from common.schemas import (
    CURRENCIES,
    Country,
    Draft,
    Flag,
    Id,
    Moment,
    MoneyField,
    Reader,
    Text,
    TotalField,
    printable,
)
from user_service.domain.account import Role
from user_service.domain.preferences import LANGUAGES

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 128
# Letters may be typed in several parts each; a longer text takes minutes to compose.
LONGEST_TYPED = 4 * LONGEST_PASSWORD
LONGEST_EMAIL = 254
LONGEST_REFRESH_TOKEN = 200
GRANTS = {"password": {"email", "password"}, "refresh_token": {"refresh_token"}}


class Email(fields.Email):
    """An address, in lower case: two spellings of one address are one account."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            validate=[validate.Length(3, LONGEST_EMAIL), printable, ascii_only],
            **options,
        )

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        return super()._deserialize(value, attr, data, **options).strip().lower()


def ascii_only(address: str) -> None:
    """Refuse what not every mail server on the way could deliver."""
    if not address.isascii():
        raise ValidationError("Letters of ASCII only; a domain may be written xn--.")


class Password(fields.String):
    """The same, however it is typed (NFKC, as NIST SP 800-63B has it)."""

    def __init__(self, shortest: int = SHORTEST_PASSWORD, **options: Any) -> None:
        super().__init__(
            validate=[validate.Length(shortest, LONGEST_PASSWORD), printable], **options
        )

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        typed = super()._deserialize(value, attr, data, **options)
        if len(typed) > LONGEST_TYPED:
            raise ValidationError(f"Longer than maximum length {LONGEST_PASSWORD}.")
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


class UserPatch(Draft):
    full_name = Text(200)


class UserDetailView(UserView):
    """A person as an admin sees them."""

    roles = fields.List(fields.Enum(Role, by_value=True))
    seller_id = Id(allow_none=True)


class PreferencesDraft(Draft):
    """``language`` is a BCP 47 tag."""

    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))
    currency = fields.String(required=True, validate=validate.OneOf(CURRENCIES))
    marketing_consent = Flag(required=True)


class PreferencesView(Draft):
    language = fields.String()
    currency = fields.String()
    marketing_consent = fields.Boolean()


class AddressDraft(Draft):
    full_name = Text(200, required=True)
    line1 = Text(200, required=True)
    line2 = Text(200, allow_none=True)
    city = Text(100, required=True)
    region = Text(100, allow_none=True)
    postal_code = Text(20, required=True)
    country = Country(required=True)
    phone = Text(30, allow_none=True)
    is_default = Flag()


class AddressPatch(AddressDraft):
    """A JSON merge patch: null takes a field away."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"partial": True})


class SavedAddress(AddressDraft):
    """Without the fields that it does not have."""

    id = Id(required=True)
    is_default = Flag(required=True)

    @post_dump
    def leave_out(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value is not None}


class ExportView(Draft):
    """All that the shop keeps of a person."""

    user = fields.Nested(UserView)
    account = fields.Nested(AccountView)
    preferences = fields.Nested(PreferencesView)
    addresses = fields.List(fields.Nested(SavedAddress))
    orders = fields.List(fields.Dict())
    cart = fields.Dict(allow_none=True)
    shop = fields.Dict(allow_none=True)


class UserRegistered(Reader):
    """``user.registered``, which comes back to who tells it."""

    user_id = Id(required=True)


class BoughtItem(Reader):
    title = fields.String(required=True)
    quantity = fields.Integer(required=True)
    unit_price = MoneyField(required=True)


class OrderConfirmed(Reader):
    """``order.confirmed`` of order_service, as far as its letter goes."""

    customer_id = Id(required=True)
    number = fields.String(required=True)
    items = fields.List(fields.Nested(BoughtItem), required=True)
    total = TotalField(required=True)
