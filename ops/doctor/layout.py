"""The broker's layout: all that the code calls and hears is there."""

from collections.abc import Iterator, Mapping
from typing import Any

from ops import http
from ops.doctor.broker import asking
from ops.doctor.finding import Check, Finding, ok, problem
from ops.stack.servers.rabbitmq import definitions

# By what a thing of each kind is known.
IDENTITIES: dict[str, tuple[str, ...]] = {
    "users": ("name",),
    "permissions": ("user", "configure", "write", "read"),
    "topic_permissions": ("user", "exchange", "write", "read"),
    "exchanges": ("name", "type", "durable"),
    "queues": ("name", "durable"),
    "bindings": ("source", "destination", "routing_key"),
}
AGAIN = "make stop; make start  # lays it out anew"
MOST_TOLD = 3


def topology(uri: str) -> Iterator[Finding]:
    """What the code calls and hears, as a test holds it in the file, is there."""
    wanted, told = definitions(), http.call("GET", f"{uri}/api/definitions")
    lost = list(missing(wanted, told))
    for what in lost[:MOST_TOLD]:
        yield problem(f"{what} is not there", AGAIN)
    if len(lost) > MOST_TOLD:
        yield problem(f"{len(lost) - MOST_TOLD} more are not there", AGAIN)
    if not lost:
        yield ok(f"{sum(len(wanted[kind]) for kind in IDENTITIES)} things are in place")


def missing(wanted: Any, told: Any) -> Iterator[str]:
    for kind, names in IDENTITIES.items():
        there = {identity(each, names) for each in told[kind]}
        for each in wanted[kind]:
            if identity(each, names) not in there:
                words = [kind[:-1].replace("_", " "), *identity(each, names)]
                yield " ".join(filter(None, words))


def identity(thing: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(thing.get(name)) for name in names)


CHECKS = (Check("topology", asking(topology), ("AMQP_URI",)),)
