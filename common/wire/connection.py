"""A connection to the broker: how it is opened, written to and ended."""

import os
import socket
from contextlib import suppress
from typing import Any

import amqp
import eventlet
from kombu.utils.url import parse_url
from nameko import config
from nameko.constants import AMQP_SSL_CONFIG_KEY, LOGIN_METHOD_CONFIG_KEY

CONNECT_SECONDS = 3.0
HEARTBEAT_SECONDS = 10


def connection_to(uri: str, name: str) -> amqp.Connection:
    address = parse_url(uri)
    return amqp.Connection(
        host=f"{address['hostname']}:{address['port'] or 5672}",
        userid=address["userid"] or "guest",
        password=address["password"] or "guest",
        virtual_host=address["virtual_host"] or "/",
        login_method=config.get(LOGIN_METHOD_CONFIG_KEY),
        ssl=config.get(AMQP_SSL_CONFIG_KEY) or False,
        connect_timeout=CONNECT_SECONDS,
        heartbeat=config.get("HEARTBEAT", HEARTBEAT_SECONDS),
        client_properties={"connection_name": name},
    )


class Writer:
    """Gathers what is to be sent until everybody waits, then sends it at once."""

    def __init__(self, sock: Any) -> None:
        self.sock = sock
        self.outbox: list[bytes] = []
        self.busy = False

    def write(self, data: bytes) -> None:
        self.outbox.append(data)
        if not self.busy:
            self.busy = True
            eventlet.spawn_n(self.flush)

    def flush(self) -> None:
        try:
            while self.outbox:
                data, self.outbox = b"".join(self.outbox), []
                self.sock.sendall(data)
        except OSError:
            shut(self.sock)
        finally:
            self.busy = False


def shut(sock: Any) -> None:
    """Have whoever reads or writes ``sock`` notice that it is over.

    By a twin: a TLS socket that shuts itself down forgets its session at once,
    and its reader would take what is still to come for plain text.
    """
    with suppress(OSError), socket.socket(fileno=os.dup(sock.fileno())) as twin:
        twin.shutdown(socket.SHUT_RDWR)
