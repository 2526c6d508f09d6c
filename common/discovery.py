"""Consul: every process says where it is and whether it can do its work.

The check is honest: a process passes only while the broker answers, its own
RPC queue is consumed, and every dependency that has a ``ping`` (its database)
answers it.
"""

import logging
import os
import socket
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import consul
import eventlet
from kombu import Connection
from nameko import config
from nameko.constants import AMQP_SSL_CONFIG_KEY
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider
from nameko.rpc import RPC_QUEUE_TEMPLATE, Rpc

from common.internal import InternalPort

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
TTL = "10s"
FORGET_AFTER = "1m"
PROBE_SECONDS = 1.0


def client() -> consul.Consul:
    address = urlsplit(config["CONSUL_URI"])
    return consul.Consul(
        host=address.hostname, port=address.port or 8500, scheme=address.scheme
    )


class Registration(DependencyProvider):
    """This process's entry in Consul, from its start to its SIGTERM."""

    registered = False

    def setup(self) -> None:
        name = self.container.service_name
        self.id = f"{name}-{socket.gethostname()}-{os.getpid()}"
        self.consul = client()
        self.directory = Directory(self.consul)
        self.broker = BrokerProbe(self.rpc_queue())

    def rpc_queue(self) -> str | None:
        has_rpc = any(isinstance(e, Rpc) for e in self.container.entrypoints)
        return (
            RPC_QUEUE_TEMPLATE.format(self.container.service_name) if has_rpc else None
        )

    def start(self) -> None:
        self.beating = self.container.spawn_managed_thread(self.run)

    def leave(self) -> None:
        """Be found no more, before the work ends."""
        self.beating.kill()
        with quietly("could not deregister"), eventlet.Timeout(PROBE_SECONDS):
            self.consul.agent.service.deregister(self.id)

    def stop(self) -> None:
        self.broker.close()

    def get_dependency(self, worker_ctx: WorkerContext) -> "Directory":
        return self.directory

    def run(self) -> None:
        while True:
            with quietly("Consul did not take the heartbeat"):
                self.beat()
            eventlet.sleep(BEAT_SECONDS)

    def beat(self) -> None:
        self.directory.refresh()
        trouble = self.trouble()
        try:
            with eventlet.Timeout(PROBE_SECONDS):
                self.report(trouble)
        except BaseException:
            self.registered = False
            raise

    def report(self, trouble: str | None) -> None:
        if not self.registered:
            self.register()
        check = self.consul.agent.check
        if trouble:
            check.ttl_fail(f"service:{self.id}", notes=trouble)
        else:
            check.ttl_pass(f"service:{self.id}", notes="broker and stores answer")

    def register(self) -> None:
        release = version("shopnow")
        self.consul.agent.service.register(
            self.container.service_name,
            service_id=self.id,
            address=socket.gethostname(),
            tags=["nameko", f"v{release}"],
            meta={"version": release, "pid": str(os.getpid())} | self.metrics_port(),
            check=consul.Check.ttl(TTL)
            | {"DeregisterCriticalServiceAfter": FORGET_AFTER},
        )
        self.registered = True

    def metrics_port(self) -> dict[str, str]:
        """Where this process tells its metrics, if it does."""
        for dependency in self.container.dependencies:
            if isinstance(dependency, InternalPort) and dependency.port:
                return {"metrics_port": str(dependency.port)}
        return {}

    def trouble(self) -> str | None:
        """What keeps this process from its work, in words, or None."""
        probes = {"broker": self.broker.ping} | {
            dependency.attr_name: dependency.ping
            for dependency in self.container.dependencies
            if hasattr(dependency, "ping")
        }
        for name, ping in probes.items():
            try:
                with eventlet.Timeout(PROBE_SECONDS):
                    ping()
            except (Exception, eventlet.Timeout) as trouble:
                return f"{name} does not answer: {type(trouble).__name__}"
        return None


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
                    connect_timeout=1,
                )
            self.ask(self.connection.default_channel)
        except BaseException:
            self.close()
            raise

    def ask(self, channel: Any) -> None:
        if self.queue is None:
            channel.exchange_declare("nameko-rpc", "topic", passive=True)
        elif not channel.queue_declare(self.queue, passive=True).consumer_count:
            raise RuntimeError("nobody consumes the RPC queue")

    def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            with quietly("the broker's connection did not close"):
                connection.release()


class Directory:
    """What Consul said of the others when it was asked last."""

    def __init__(self, client: consul.Consul) -> None:
        self.client = client
        self.known: dict[str, str] = {}
        self.is_current = False

    def states(self) -> dict[str, str]:
        """``{service name: "passing" | "critical"}``: passing when one instance is.

        While Consul is away, what was known last, and ``consul`` as critical.
        Nobody waits for Consul here.
        """
        return self.known | {"consul": "passing" if self.is_current else "critical"}

    def refresh(self) -> None:
        try:
            with eventlet.Timeout(PROBE_SECONDS):
                _, checks = self.client.health.state("any")
        except (Exception, eventlet.Timeout) as trouble:
            log.warning("Consul does not answer: %s", type(trouble).__name__)
            self.is_current = False
        else:
            self.known, self.is_current = summary(checks), True


def summary(checks: list[dict[str, Any]]) -> dict[str, str]:
    found: dict[str, set[str]] = defaultdict(set)
    for check in checks:
        if check["ServiceName"]:
            found[check["ServiceName"]].add(check["Status"])
    return {
        name: "passing" if "passing" in states else "critical"
        for name, states in sorted(found.items())
    }


@contextmanager
def quietly(what: str) -> Iterator[None]:
    try:
        yield
    except (Exception, eventlet.Timeout) as trouble:
        log.warning("%s: %s", what, type(trouble).__name__)
