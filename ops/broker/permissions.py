"""What the broker lets each service do: that which its code does, and nothing else.

Topic permissions only ever take away: where a user has none for an exchange, any
key will do.  So everybody has one for each.
"""

from collections.abc import Iterable
from typing import Any

from common.dead_letters import DEAD_LETTERS
from common.wire.replies import UUID, answerable
from ops.broker.parts import Part

VHOST = "shopnow"
RPC = "nameko-rpc"
# Whoever may call everything and hear everything: a person, and no service.
OPERATOR = "operator"
# Not even a key that is empty.
NOTHING = "(?!)"

Rows = list[dict[str, Any]]


def permissions(parts: list[Part]) -> Rows:
    return [
        {
            "user": part.name,
            "vhost": VHOST,
            "configure": one_of(queues(part)),
            "write": one_of([*queues(part), *map(literal, written(part))]),
            "read": one_of([*queues(part), *map(literal, read(part))]),
        }
        for part in parts
    ] + [{"user": OPERATOR, "vhost": VHOST} | everything("configure", "write", "read")]


def topic_permissions(parts: list[Part]) -> Rows:
    return [
        {"user": user, "vhost": VHOST, "exchange": name, **rights}
        for name in exchanges(parts)
        for user, rights in [
            *((part.name, topics(part, name)) for part in parts),
            (OPERATOR, everything("write", "read")),
        ]
    ]


def exchanges(parts: list[Part]) -> list[str]:
    """Those of the services that have something to tell, between the common two."""
    telling = {each.source for part in parts for each in part.handlers}
    telling |= {part.name for part in parts if part.events}
    own = [exchange(part) for part in parts if part.name in telling]
    return [RPC, *own, DEAD_LETTERS]


def topics(part: Part, name: str) -> dict[str, str]:
    """The keys that it may send under, and those that it may bind."""
    if name == RPC:
        return {"write": one_of(sent(part)), "read": one_of(bound(part))}
    if name == DEAD_LETTERS:
        # Under its own queues' names, as the queues themselves would.
        kept = (each.queue for each in part.handlers if each.is_durable)
        return {"write": one_of(kept), "read": NOTHING}
    own = part.events if name == exchange(part) else ()
    heard = {each.event for each in part.handlers if f"{each.source}.events" == name}
    return {
        "write": one_of(map(literal, sorted(own))),
        "read": one_of(map(literal, sorted(heard))),
    }


def sent(part: Part) -> list[str]:
    """Requests of the methods that it calls, and replies to its callers."""
    calls = [
        rf"{target}\.({'|'.join(sorted(part.calls[target]))})"
        for target in sorted(part.calls)
    ]
    return calls + ([answerable(part.name)] if part.methods else [])


def bound(part: Part) -> list[str]:
    """Requests to it, and replies to its own calls."""
    requests = [rf"{part.name}\.\*"] if part.methods else []
    return requests + ([rf"reply\.{part.name}\.\*\.{UUID}"] if part.calls else [])


def queues(part: Part) -> list[str]:
    requests = [f"rpc-{part.name}"] if part.methods else []
    replies = [rf"rpc\.reply-{part.name}-{UUID}"] if part.calls else []
    return requests + replies + [each.queue for each in part.handlers]


def written(part: Part) -> list[str]:
    """The exchanges that it sends to, or that its queues send to by themselves."""
    own = [exchange(part)] if part.events else []
    is_durable = any(each.is_durable for each in part.handlers)
    return [RPC, *own, *([DEAD_LETTERS] if is_durable else [])]


def read(part: Part) -> list[str]:
    return [RPC, *sorted({f"{each.source}.events" for each in part.handlers})]


def exchange(part: Part) -> str:
    return f"{part.name}.events"


def literal(name: str) -> str:
    return name.replace(".", r"\.")


def one_of(patterns: Iterable[str]) -> str:
    words = list(patterns)
    return f"^({'|'.join(words)})$" if words else NOTHING


def everything(*rights: str) -> dict[str, str]:
    return dict.fromkeys(rights, ".*")
