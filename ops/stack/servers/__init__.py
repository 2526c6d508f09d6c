"""The backing servers, each with its whole story in one file."""

from collections.abc import Mapping

from ops import certificates
from ops.stack.server import Server
from ops.stack.servers.consul import Consul
from ops.stack.servers.mongo import Mongo
from ops.stack.servers.postgres import Postgres
from ops.stack.servers.prometheus import Prometheus
from ops.stack.servers.rabbitmq import RabbitMQ
from ops.stack.servers.redis import Redis
from ops.stack.settings import Settings

__all__ = [
    "Consul",
    "Mongo",
    "Postgres",
    "Prometheus",
    "RabbitMQ",
    "Redis",
    "Servers",
]

HOST = "127.0.0.1"


class Servers:
    """All of one run directory, started or not."""

    def __init__(self, settings: Settings, secrets: Mapping[str, str]) -> None:
        self.rabbitmq = RabbitMQ(settings, secrets)
        self.postgres = Postgres(settings, secrets)
        self.mongo = Mongo(settings, secrets)
        self.redis = Redis(settings, secrets)
        self.consul = Consul(settings, secrets)
        self.prometheus = Prometheus(settings, secrets)

    def certify(self) -> None:
        """Let all who are told secrets prove who they are."""
        secured = (self.rabbitmq, self.postgres, self.mongo, self.redis)
        if self.rabbitmq.tls:
            hosts = {server.name: HOST for server in secured}
            certificates.ensure(self.rabbitmq.tls.parent, hosts)

    def needed(self) -> list[Server]:
        """Those that the environment does not name another one for."""
        return [server for server in vars(self).values() if server.is_needed]
