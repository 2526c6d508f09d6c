"""Where an event goes that nobody could handle, with the reason why.

A letter in the dead letters bears the name of the queue it was in, and headers
that tell of the failure.  Nothing of the event is in them: whoever looks at the
list need not learn about whom it is.
"""

import re
from dataclasses import dataclass
from typing import Any

from eventlet import Timeout
from nameko import config

from common.broker import confirming
from common.clock import utc_now
from common.errors import Refusal
from common.ids import is_id
from common.schemas import iso

DEAD_LETTERS = "shopnow.dead_letters"
PREFIX = "x-shopnow-"
# What a queue of the broker adds of its own: about the last way, not the next.
TRACKS = ("x-death", "x-delivery-count", "x-first-death-", "x-last-death-")
SECONDS = 5.0
LONGEST_REASON = 200
# An address, or a URI with a password in it; then what may be a token or a key.
ADDRESS = re.compile(r"\S*@\S*")
SECRET = re.compile(r"[\w+/=.-]{25,}")


@dataclass(frozen=True)
class Failure:
    """What became of an event: ``tries`` times ``handler`` raised ``error``."""

    handler: str
    error: str
    reason: str
    tries: int
    failed_at: str

    @classmethod
    def of(cls, handler: str, trouble: BaseException, tries: int) -> "Failure":
        error, reason = type(trouble).__name__, reason_of(trouble)
        return cls(handler, error, reason, tries, iso(utc_now()))

    @property
    def headers(self) -> dict[str, Any]:
        named = vars(self).items()
        return {PREFIX + name.replace("_", "-"): value for name, value in named}


def reason_of(trouble: BaseException) -> str:
    """One line that an operator may read, and so may whoever reads over them.

    A refusal says what we have written; of all else, what might be an address
    or a secret is left out.
    """
    said = trouble.message if isinstance(trouble, Refusal) else str(trouble)
    first = next(iter(said.splitlines()), "")
    if isinstance(trouble, Refusal) and trouble.details:
        # Which fields, and what is wrong with them: our own words again.
        first += f" ({'; '.join(f'{k}: {v}' for k, v in trouble.details.items())})"
    return SECRET.sub(kept_if_id, ADDRESS.sub("***", first))[:LONGEST_REASON]


def kept_if_id(found: re.Match[str]) -> str:
    return found[0] if is_id(found[0].strip(".")) else "***"


def put_aside(message: Any, queue: str, failure: Failure) -> None:
    """Have the broker keep a message of ``queue`` among the dead letters.

    Raises whatever keeps it from confirming that it does.
    """
    with Timeout(SECONDS), confirming(config) as channel:
        send(channel, message, DEAD_LETTERS, queue, failure.headers)


def send(
    channel: Any, message: Any, exchange: str, key: str, more: dict[str, Any]
) -> None:
    """Publish ``message`` as it is; raises when no queue takes it and keeps it.

    A channel that raised is not used again: it may confirm the wrong message.
    """
    copy = channel.prepare_message(
        message.body,
        content_type=message.content_type,
        content_encoding=message.content_encoding,
        headers=untracked(message.headers) | more,
        properties={"delivery_mode": 2},
    )
    channel.basic_publish(copy, exchange=exchange, routing_key=key, mandatory=True)


def untracked(headers: dict[str, Any] | None) -> dict[str, Any]:
    """``headers`` without what was added to them on the way into the dead letters."""
    return {
        name: value
        for name, value in (headers or {}).items()
        if not name.startswith((PREFIX, *TRACKS))
    }
