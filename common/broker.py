"""The broker's address: one URI, which is two settings to Nameko."""

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from kombu import Connection
from nameko.constants import AMQP_SSL_CONFIG_KEY, AMQP_URI_CONFIG_KEY


def settle(config: MutableMapping[str, Any]) -> None:
    """Take ``amqps://user:password@host/vhost?ca_certs=FILE`` apart, once.

    The broker has to prove that it is the host; to whom FILE trusts, or without
    one to whom this machine does.
    """
    address = urlsplit(config[AMQP_URI_CONFIG_KEY])
    if address.scheme == "amqps" and AMQP_SSL_CONFIG_KEY not in config:
        options = {
            "server_hostname": address.hostname,
            **dict(parse_qsl(address.query)),
        }
        config[AMQP_SSL_CONFIG_KEY] = options
        config[AMQP_URI_CONFIG_KEY] = address._replace(query="").geturl()


@contextmanager
def confirming(config: Mapping[str, Any]) -> Iterator[Any]:
    """A channel of a connection of its own, which waits until what it sends is kept."""
    with Connection(
        config[AMQP_URI_CONFIG_KEY],
        ssl=config.get(AMQP_SSL_CONFIG_KEY),
        transport_options={"confirm_publish": True},
    ) as connection:
        yield connection.channel()
