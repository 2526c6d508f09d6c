"""Looks whether the addresses in the environment lead anywhere, before all else."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from ops.errors import Problem

SECONDS = 2.0


@dataclass(frozen=True)
class Kind:
    """What a URI should lead to: the schemes, each with the port it means."""

    what: str
    schemes: Mapping[str, int]


POSTGRES = Kind("a database", {"postgresql": 5432, "postgresql+psycopg2": 5432})
KINDS = {
    "AMQP_URI": Kind("a broker", {"amqp": 5672, "amqps": 5671, "pyamqp": 5672}),
    "AUTH_DB_URI": POSTGRES,
    "USER_DB_URI": POSTGRES,
    "ORDER_DB_URI": POSTGRES,
    "PRODUCT_MONGO_URI": Kind("a database", {"mongodb": 27017, "mongodb+srv": 27017}),
    "REDIS_URI": Kind("a Redis", {"redis": 6379, "rediss": 6379}),
    "CONSUL_URI": Kind("a Consul", {"http": 80, "https": 443}),
}


def demand_reachable(given: Mapping[str, str]) -> None:
    """Raise for the first that does not lead where it should."""
    for name, uri in given.items():
        if (kind := KINDS.get(name)) and (trouble := trouble_with(uri, kind)):
            raise Problem(f"{name} does not lead to {kind.what}: {trouble}")


def trouble_with(uri: str, kind: Kind) -> str:
    """Why nobody could be met there, without the password; or nothing."""
    try:
        address = urlsplit(uri)
        places = hosts(address, kind)
    except ValueError:
        # What it complains of may be part of a password.
        return "its host or port cannot be read"
    if address.scheme not in kind.schemes:
        return f"it does not begin with {next(iter(kind.schemes))}://"
    if not places:
        return "it names no host"
    if address.scheme.endswith("+srv"):
        return ""  # The hosts are in records that only the driver reads.
    refusals = [refusal_of(*place) for place in places]
    return "" if None in refusals else str(refusals[0])


def hosts(address: SplitResult, kind: Kind) -> list[tuple[str, int]]:
    """All of them: a replica set is given by its members."""
    each = address.netloc.rpartition("@")[2].split(",")
    members = [urlsplit(f"//{member}") for member in each]
    default = kind.schemes.get(address.scheme, 0)
    return [(m.hostname, m.port or default) for m in members if m.hostname]


def refusal_of(host: str, port: int) -> str | None:
    try:
        socket.create_connection((host, port), SECONDS).close()
    except (OSError, UnicodeError) as trouble:
        return f"{host}:{port}: {reason(trouble)}"
    return None


def reason(trouble: Exception) -> str:
    number = getattr(trouble, "errno", None) or 0
    # A resolver's numbers are negative and its own.
    if number > 0:
        return os.strerror(number)
    return getattr(trouble, "strerror", None) or str(trouble)
