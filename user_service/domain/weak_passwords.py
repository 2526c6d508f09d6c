"""Passwords that are guessed first: those of many people, and one's own e-mail."""

import re

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from user_service.domain import errors

# Passwords from leaks, words and names, by the tens of thousands.
COMMON = frozenset().union(*FREQUENCY_LISTS.values())
# What people add to a word when they are asked for more than a word.
ADDED = re.compile(r"[\W\d_]{1,4}$")
FEWEST_CHARACTERS = 4


def demand_strong(password: str, email: str) -> None:
    """Raises for a password that somebody who guesses would try early."""
    guesses = {password.lower(), ADDED.sub("", password.lower())}
    if guesses & {email, *email.split("@")}:
        raise errors.password_tells_email()
    if guesses & COMMON or len(set(password)) < FEWEST_CHARACTERS:
        raise errors.common_password()
