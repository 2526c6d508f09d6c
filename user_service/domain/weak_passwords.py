"""Passwords that are guessed first: by those who guess well, as zxcvbn does."""

from zxcvbn import zxcvbn

from user_service.domain import errors

# Whoever needs more guesses than that is stopped by pauses and limits before.
FEWEST_GUESSES = 1_000_000
# A longer text takes long to weigh, and its beginning is hard enough to guess.
WEIGHED = 24
OUR_NAME = "shopnow"


def demand_strong(password: str, email: str) -> None:
    """Raises for a password that somebody who guesses would try early."""
    if is_guessed(password):
        raise errors.common_password()
    left = without(password.lower(), email)
    if not left or is_guessed(left):
        raise errors.password_tells_email()


def is_guessed(password: str) -> bool:
    weighed = zxcvbn(password[:WEIGHED], user_inputs=[OUR_NAME])
    return weighed["guesses"] < FEWEST_GUESSES


def without(password: str, email: str) -> str:
    """What is left to guess for somebody who knows the e-mail."""
    for known in (email, *email.split("@")):
        password = password.replace(known, "")
    return password
