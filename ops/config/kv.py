"""The shop's folder in Consul's KV, as the operator may write it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import consul
import requests

from common.live.keys import FOLDER, check, found_in, value_in
from ops import environment
from ops.config.proof import prove
from ops.errors import Problem

WAIT = "30s"
# One that stands still is not to keep an operator.
MOST_SECONDS = 5


def here() -> str:
    """The environment that the shop runs in, by its name."""
    return os.environ.get("ENVIRONMENT") or "production"


def client() -> consul.Consul:
    environment.load("CONSUL_URI")
    address = urlsplit(os.environ["CONSUL_URI"])
    return consul.Consul(
        host=address.hostname,
        port=address.port or 8500,
        scheme=address.scheme,
        token=os.environ.get("CONSUL_TOKEN") or None,
        connections_timeout=MOST_SECONDS,
    )


def read(index: int = 0) -> tuple[int, dict[str, str]]:
    """All that is set, by name, when it is newer than ``index``; and its index."""
    waiting = {"index": index, "wait": WAIT} if index else {}
    with reached():
        newer, entries = client().kv.get(FOLDER, recurse=True, **waiting)
    return max(1, int(newer)), found_in(entries or [])


def write(name: str, text: str) -> None:
    """Raises ``Problem`` for what no process would take over."""
    try:
        value = value_in(text)
        check(name, value, here())
        prove(name, value)
    except ValueError as wrong:
        raise Problem(f"{name}: {wrong}") from None
    with reached():
        client().kv.put(FOLDER + name, text)


def remove(name: str) -> None:
    with reached():
        client().kv.delete(FOLDER + name)


@contextmanager
def reached() -> Iterator[None]:
    try:
        yield
    except consul.ACLPermissionDenied:
        raise Problem("Consul: CONSUL_TOKEN may not do this") from None
    except (consul.ConsulException, requests.RequestException) as trouble:
        why = type(trouble).__name__
        raise Problem(f"Consul: {why}; does it run? make start") from None
