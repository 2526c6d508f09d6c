"""How long to wait after passwords that were not right.

Nobody is locked out for good, and nobody can lock another out: what strangers
do to an account does not concern a client that its owner has used before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

# Beyond this the pause has long been the longest.
MOST_DOUBLINGS = 32


@dataclass(frozen=True)
class Backoff:
    """After so many failures in a row pauses begin: 1, 2, 4 … ``longest_seconds``.

    They are counted for an account from one ``client``, for an ``account`` from
    anywhere, and for an ``address`` over all accounts, and forgotten when there
    has been none for ``forget_seconds``.  A client that has signed in is known
    to the account for ``known_seconds``.
    """

    client: int = 5
    account: int = 50
    address: int = 20
    longest_seconds: int = 60
    forget_seconds: int = 900
    known_seconds: int = 30 * 24 * 3600

    def pause(self, kind: str, failures: int) -> int:
        """Seconds until the next try."""
        over = failures - getattr(self, kind)
        if over < 0:
            return 0
        return min(2 ** min(over, MOST_DOUBLINGS), self.longest_seconds)


def backoff_from(settings: Mapping[str, Any]) -> Backoff:
    """Raises ``ValueError`` for what is no whole number of more than 0."""
    for name, value in settings.items():
        if name not in {each.name for each in fields(Backoff)}:
            raise ValueError(f"BACKOFF has no setting {name}")
        if type(value) is not int or value < 1:
            raise ValueError(f"BACKOFF.{name} is {value!r}, not more than 0")
    return Backoff(**settings)
