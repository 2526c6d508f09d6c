"""What is personal is sealed before it is stored: AES-GCM under a named key.

``FIELD_KEYS`` is ``id:key,id:key``, each key 32 bytes in URL-safe base64.  The
first seals, all of them open, so that a new key is first told to every process
behind the old one, then put in front, and the old one is dropped when nothing is
left under it (``shopnow reseal``).  A sealed text begins with the id of its key.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
KEY_BYTES = 32
NONCE_BYTES = 12


class Unopened(Exception):
    """Not what was sealed in this place, or not under a key that we have."""


class Seal:
    """``place`` names the row and the column: what is sealed opens nowhere else.

    Raises ``ValueError`` for a key that is none: which one it is, and not what it is.
    """

    def __init__(self, keys: str) -> None:
        raw = keys_from(keys)
        self.keys = {key_id: AESGCM(key) for key_id, key in raw.items()}
        self.first = next(iter(self.keys))
        # A key of its own, so that what is marked says nothing of what is sealed.
        self.marking = hmac.digest(raw[self.first], b"marks", "sha256")

    def mark(self, text: str) -> str:
        """By which ``text`` is known again, as long as the first key stays the first.

        Nobody without the key can tell whether a guess has the same mark.
        """
        return hmac.digest(self.marking, text.encode(), "sha256").hex()

    def close(self, text: str, place: str) -> str:
        """Seal ``text``, never twice the same."""
        nonce = token_bytes(NONCE_BYTES)
        closed = self.keys[self.first].encrypt(nonce, text.encode(), place.encode())
        return f"{self.first}.{urlsafe_b64encode(nonce + closed).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """What was sealed; raises ``Unopened`` if it was not, or not here."""
        key_id, _, rest = sealed.partition(".")
        try:
            raw = urlsafe_b64decode(rest)
            nonce, closed = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
            return self.keys[key_id].decrypt(nonce, closed, place.encode()).decode()
        except (InvalidTag, KeyError, ValueError):
            raise Unopened(place) from None


def keys_from(text: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    # A place, and not an id, which may be a key whose id was forgotten.
    for place, pair in enumerate(text.split(","), 1):
        key_id, _, key = pair.partition(":")
        if not KEY_ID.fullmatch(key_id) or key_id in keys:
            raise ValueError(f"FIELD_KEYS: key {place} has no plain id of its own")
        keys[key_id] = key_from(key, place)
    return keys


def key_from(text: str, place: int) -> bytes:
    try:
        key = urlsafe_b64decode(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(
            f"FIELD_KEYS: key {place} is not an id, a colon and "
            f"{KEY_BYTES} bytes in URL-safe base64"
        )
    return key


def key_id_of(sealed: str) -> str:
    return sealed.partition(".")[0]
