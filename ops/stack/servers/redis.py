"""Redis: carts and rate limits, with an append-only file so that carts survive."""

import redis

from ops.stack import programs
from ops.stack.child import Command
from ops.stack.secrets import write_private
from ops.stack.server import Server

CONFIG = """\
bind 127.0.0.1
{listening}
requirepass {password}
dir "{home}"
appendonly yes
appendfsync everysec
daemonize no
"""
TLS = """\
port 0
tls-port {port}
tls-cert-file "{tls}/server.pem"
tls-key-file "{tls}/server.pem"
tls-ca-cert-file "{tls}/ca.pem"
tls-auth-clients no"""


class Redis(Server):
    name = "redis"
    uris = ("REDIS_URI",)
    port_names = ("redis",)

    @property
    def uri(self) -> str:
        login = f":{self.secrets['redis.default']}@127.0.0.1:{self.port}/0"
        if self.tls:
            return f"rediss://{login}?ssl_ca_certs={self.tls}/ca.pem"
        return f"redis://{login}"

    def missing_packages(self) -> list[str]:
        return [] if programs.find("redis-server") else ["redis-server"]

    def prepare(self) -> None:
        super().prepare()
        listening = TLS if self.tls else "port {port}"
        config = CONFIG.format(
            listening=listening.format(port=self.port, tls=self.tls),
            password=self.secrets["redis.default"],
            home=self.home,
        )
        write_private(self.home / "redis.conf", config)

    def commands(self) -> list[Command]:
        return [
            self.command([programs.demand("redis-server"), self.home / "redis.conf"])
        ]

    def is_ready(self) -> bool:
        try:
            with redis.Redis.from_url(self.uri, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
