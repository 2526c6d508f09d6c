"""What is personal is sealed before it is stored: AES-GCM under a named key.

``FIELD_KEYS`` is ``id:key,id:key``, each key 32 bytes in URL-safe base64.  The
first seals, all of them open, so that a new key is first told to every process
behind the old one, then put in front, and the old one is dropped when nothing is
left under it (``shopnow reseal``).  A sealed text begins with the id of its key.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
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

    Raises ``ValueError`` for keys that are none, without showing them.
    """

    def __init__(self, keys: str) -> None:
        pairs = [pair.partition(":") for pair in keys.split(",")]
        raw = {key_id: key_from(text) for key_id, _, text in pairs}
        self.keys = {key_id: AESGCM(key) for key_id, key in raw.items()}
        if len(self.keys) < len(pairs) or not all(map(KEY_ID.fullmatch, self.keys)):
            raise ValueError("FIELD_KEYS: each key needs a plain id of its own")
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


def key_from(text: str) -> bytes:
    try:
        key = urlsafe_b64decode(text)
    except NotBase64:
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"FIELD_KEYS: a key is {KEY_BYTES} bytes in base64")
    return key


def key_id_of(sealed: str) -> str:
    return sealed.partition(".")[0]
