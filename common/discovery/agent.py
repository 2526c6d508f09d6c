"""How Consul is spoken to."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import consul
import eventlet
from nameko import config

log = logging.getLogger(__name__)


def client() -> consul.Consul:
    """A client with this service's own token, if it was given one."""
    address = urlsplit(config["CONSUL_URI"])
    return consul.Consul(
        host=address.hostname,
        port=address.port or 8500,
        scheme=address.scheme,
        token=config.get("CONSUL_TOKEN") or None,
    )


def own_address() -> str:
    """As whom Consul's host knows this one; nothing is sent to find out.

    A name of ours would be one that others may not know, as a pod's.
    """
    uri = urlsplit(config["CONSUL_URI"])
    [(family, kind, _, _, address), *_] = socket.getaddrinfo(
        uri.hostname, uri.port or 8500, type=socket.SOCK_DGRAM
    )
    with socket.socket(family, kind) as asking:
        asking.connect(address)
        return str(asking.getsockname()[0])


@contextmanager
def quietly(what: str) -> Iterator[None]:
    try:
        yield
    except (Exception, eventlet.Timeout) as trouble:
        log.warning("%s: %s", what, type(trouble).__name__)
