"""Redis: carts and rate limits, with an append-only file so that carts survive."""

import redis

from ops.stack import programs
from ops.stack.child import Command
from ops.stack.secrets import write_private
from ops.stack.server import Server

CONFIG = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{home}"
appendonly yes
appendfsync everysec
daemonize no
"""


class Redis(Server):
    name = "redis"
    uris = ("REDIS_URI",)
    port_names = ("redis",)

    @property
    def uri(self) -> str:
        return f"redis://:{self.secrets['redis.default']}@127.0.0.1:{self.port}/0"

    def missing_packages(self) -> list[str]:
        return [] if programs.find("redis-server") else ["redis-server"]

    def prepare(self) -> None:
        super().prepare()
        config = CONFIG.format(
            port=self.port, password=self.secrets["redis.default"], home=self.home
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
