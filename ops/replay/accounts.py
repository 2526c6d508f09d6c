"""Who buys and sells: the same file always means the same accounts."""

import base64
import hashlib
import hmac
import string
from dataclasses import dataclass

from ops.replay.invoices import Invoice

PLAIN = frozenset(string.ascii_lowercase + string.digits)
LONGEST_NAME = 50  # with the longest prefix, still a local part of 64


@dataclass(frozen=True, slots=True)
class Account:
    email: str
    password: str
    full_name: str


class Accounts:
    """Passwords come from the operator's secret, so none is written down."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def buyer(self, invoice: Invoice) -> Account:
        if invoice.customer:
            return self._account("customer", invoice.customer)
        return self._account("guest", invoice.number)

    def seller(self, prefix: str) -> Account:
        return self._account("seller", prefix)

    def _account(self, part: str, name: str) -> Account:
        safe = local_part(name)
        email = f"{part}-{safe}@replay.example"
        return Account(email, self._password(email), f"{part.title()} {safe}")

    def _password(self, email: str) -> str:
        proof = hmac.digest(self._secret, email.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(proof).decode()[:32]


def local_part(name: str) -> str:
    """Letters an address may hold; different names stay different."""
    safe = "".join(letter if letter in PLAIN else escaped(letter) for letter in name)
    if len(safe) <= LONGEST_NAME:
        return safe
    return "_x" + hashlib.sha256(name.encode()).hexdigest()[:40]


def escaped(letter: str) -> str:
    return "".join(f"_{byte:02x}" for byte in letter.encode())
