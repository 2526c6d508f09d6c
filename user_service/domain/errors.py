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


def no_such_user(user_id: str) -> NotFound:
    return NotFound("user_not_found", f"There is no user {user_id}")


def request_in_progress() -> Conflict:
    return Conflict(
        "request_in_progress", "The first request with this key is still running"
    )


def idempotency_key_reused() -> Invalid:
    return Invalid(
        "idempotency_key_reused",
        "This Idempotency-Key came with another request before",
    )
