"""An Idempotency-Key, as it comes with a request."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """One customer's Idempotency-Key and the request it came with."""

    customer_id: str
    key: str
    fingerprint: str


def claimed(asker_id: str, key: str | None, fingerprint: str | None) -> Claim | None:
    """None for a request that came without a key."""
    if key is None or fingerprint is None:
        return None
    return Claim(asker_id, key, fingerprint)
