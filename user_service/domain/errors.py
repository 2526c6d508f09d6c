"""Every refusal these services can give, in one list."""

from common.errors import Conflict, Invalid, NotFound, Unauthenticated


def email_taken() -> Conflict:
    return Conflict("email_taken", "There is an account with this e-mail already")


def invalid_credentials() -> Unauthenticated:
    return Unauthenticated(
        "invalid_credentials", "The e-mail or the password is not right"
    )


def too_many_attempts(wait: int) -> Invalid:
    """``wait`` is in seconds."""
    return Invalid(
        "too_many_attempts",
        "There were too many wrong passwords; please wait",
        {"retry_after": str(wait)},
    )


def invalid_refresh_token() -> Unauthenticated:
    return Unauthenticated("invalid_refresh_token", "The refresh token is not valid")


def refresh_token_reused() -> Unauthenticated:
    return Unauthenticated(
        "refresh_token_reused",
        "The refresh token was used before; please sign in again",
    )


def common_password() -> Invalid:
    return not_that_password("Many people use this password, or one like it.")


def password_tells_email() -> Invalid:
    return not_that_password("It is what everybody knows of you: your e-mail.")


def not_that_password(why: str) -> Invalid:
    return Invalid("invalid", "The request is not valid", {"password": why})


def wrong_current_password() -> Invalid:
    return Invalid(
        "invalid",
        "The request is not valid",
        {"current_password": "Not your password."},
    )


def too_many_sign_ins() -> Invalid:
    return Invalid(
        "too_many_sign_ins",
        "Too many people are signing in at this moment; please try again",
        {"retry_after": "1"},
    )


def invalid_reset_token() -> NotFound:
    return NotFound(
        "invalid_reset_token", "This password reset is unknown, used or too old"
    )


def seller_role_needs_shop() -> Conflict:
    return Conflict(
        "seller_role_needs_shop", "Only who has an active shop can be a seller"
    )


def last_admin() -> Conflict:
    return Conflict("last_admin", "Nobody else is an admin; make somebody one first")


def no_such_user(user_id: str) -> NotFound:
    return NotFound("user_not_found", f"There is no user {user_id}")


def no_such_address(address_id: str) -> NotFound:
    return NotFound("address_not_found", f"There is no address {address_id} of yours")


def one_default_needed() -> Invalid:
    return Invalid(
        "invalid",
        "The request is not valid",
        {"is_default": "Make another address the default instead."},
    )


def too_many_addresses(most: int) -> Conflict:
    return Conflict("too_many_addresses", f"A person has {most} addresses at the most")


def request_in_progress() -> Conflict:
    return Conflict(
        "request_in_progress", "The first request with this key is still running"
    )


def idempotency_key_reused() -> Invalid:
    return Invalid(
        "idempotency_key_reused",
        "This Idempotency-Key came with another request before",
    )
