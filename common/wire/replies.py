"""Where replies go: whoever answers is who was asked, and the broker sees to it.

A reply has the key ``reply.CALLER.CALLEE.UUID``.  The broker lets nobody but
CALLER listen there and nobody but CALLEE send there (`rabbitmq/definitions.json`);
stock callers listen to a bare UUID.
"""

from typing import Any

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NAME = "[A-Za-z0-9_-]+"


def reply_key(caller: str, callee: str, address: str) -> str:
    return f"reply.{caller}.{callee}.{address}"


def answerable(callee: str) -> str:
    """The keys that ``callee`` replies to, as a pattern.

    Any other could be the key of somebody's requests, or one that the broker
    would close our channel for.
    """
    return rf"(reply\.{NAME}\.{callee}\.)?{UUID}"


def has_strayed(properties: dict[str, Any]) -> bool:
    """Whether a message came by way of a queue that gave it up.

    Whoever may declare a queue says where that sends what it gives up, and under
    which key; no permission for that key is asked for then.
    """
    return "x-death" in (properties.get("headers") or {})
