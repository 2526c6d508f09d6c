"""The broker's address: one URI, which is two settings to Nameko."""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

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
