"""How much one client may ask for, and how long we wait for it."""

from dataclasses import dataclass

from gateway.request import LARGEST_BODY

READ_BYTES = 64 * 1024

# What a connection is doing. It reads a message in the first three, and only
# while it is ANSWERING does it wait for somebody else than its client.
IDLE, HEAD, BODY = "idle", "head", "body"
ANSWERING, WRITING, LINGERING = "answering", "writing", "lingering"


@dataclass(frozen=True)
class Bounds:
    """``HTTP`` in config.yml; seconds are for a thing in all, however it comes."""

    target_bytes: int = 8 * 1024
    header_bytes: int = 16 * 1024
    header_fields: int = 100
    body_bytes: int = LARGEST_BODY
    head_seconds: float = 10
    body_seconds: float = 10
    idle_seconds: float = 30
    answer_seconds: float = 10
    linger_seconds: float = 2
    grace_seconds: float = 1
    drain_seconds: float = 20
    max_connections: int = 4000

    @property
    def patience(self) -> dict[str, float]:
        """How many seconds a connection may spend on what it is doing."""
        return {
            IDLE: self.idle_seconds,
            HEAD: self.head_seconds,
            BODY: self.body_seconds,
            ANSWERING: float("inf"),
            WRITING: self.answer_seconds,
            LINGERING: self.linger_seconds,
        }
