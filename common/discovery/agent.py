"""How Consul is spoken to."""

import logging
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


@contextmanager
def quietly(what: str) -> Iterator[None]:
    try:
        yield
    except (Exception, eventlet.Timeout) as trouble:
        log.warning("%s: %s", what, type(trouble).__name__)
