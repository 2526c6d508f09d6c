"""Asks what this process needs whether it is there."""

from collections.abc import Callable, Mapping
from typing import Any

import eventlet
from kombu import Connection
from nameko import config
from nameko.constants import AMQP_SSL_CONFIG_KEY

from common.discovery.agent import quietly
from common.loop_lag import LoopLag

PROBE_SECONDS = 2.0
# A busy machine makes any process late; so long not one turn on time is its own fault.
LATE_SECONDS = 5.0


def troubles(probes: Mapping[str, Callable[[], None]], lag: LoopLag) -> dict[str, str]:
    """``{what: what is wrong with it}``, without what its driver says."""
    found = {}
    for name, ping in probes.items():
        try:
            with eventlet.Timeout(PROBE_SECONDS):
                ask_twice(ping)
        except (Exception, eventlet.Timeout) as trouble:
            found[name] = f"does not answer: {type(trouble).__name__}"
    if lag.late_for() > LATE_SECONDS:
        found["event loop"] = f"was late for more than {LATE_SECONDS:g} s"
    return found


def ask_twice(ping: Callable[[], None]) -> None:
    """One failure among many answers is not yet trouble."""
    try:
        ping()
    except Exception:
        ping()


class BrokerProbe:
    """Asks the broker for something only a working one can answer."""

    def __init__(self, queue: str | None) -> None:
        self.queue = queue
        self.connection: Connection | None = None

    def ping(self) -> None:
        try:
            if self.connection is None:
                self.connection = Connection(
                    config["AMQP_URI"],
                    ssl=config.get(AMQP_SSL_CONFIG_KEY),
                    connect_timeout=PROBE_SECONDS,
                )
            self.ask(self.connection.default_channel)
        except BaseException:
            self.close()
            raise

    def ask(self, channel: Any) -> None:
        if self.queue is None:
            channel.exchange_declare("nameko-rpc", "topic", passive=True)
        elif not channel.queue_declare(self.queue, passive=True).consumer_count:
            raise NobodyConsumes

    def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            with quietly("the broker's connection did not close"):
                connection.release()


class NobodyConsumes(Exception):
    """The RPC queue is there, and nobody takes from it."""
