"""The servers of a region: those of the local stack, each joined to its other half."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pymongo.errors import PyMongoError

from ops.dr import feeding
from ops.dr.regions import Region
from ops.dr.talking import spoken
from ops.http import call
from ops.stack import programs
from ops.stack.child import Command
from ops.stack.servers.consul import Consul
from ops.stack.servers.mongo import Mongo
from ops.stack.servers.postgres import Postgres
from ops.stack.servers.rabbitmq import VHOST, RabbitMQ
from ops.stack.settings import Settings

REPLICATOR = "replicator"
FOLLOWING = {
    # What a primary that comes back has to be rewound by.
    "wal_log_hints": "on",
    "wal_keep_size": "256MB",
    # A region that stays away may not fill the disk of the other.
    "max_slot_wal_keep_size": "1GB",
    "hot_standby_feedback": "on",
    "wal_retrieve_retry_interval": "500ms",
    # Who is killed leaves it: then in its data, which are wiped.
    "dynamic_shared_memory_type": "mmap",
}
# The default is 10 s, in which nobody who is 3 s away has introduced himself.
HANDSHAKE = "handshake_timeout = 60000\n"
PLUGINS = (
    "[rabbitmq_management,rabbitmq_prometheus,"
    "rabbitmq_federation,rabbitmq_federation_management].\n"
)


class RegionalPostgres(Postgres):
    """The first of all if it has no ``leader``, else a copy of that one."""

    def __init__(self, settings: Settings, secrets: Mapping[str, str]) -> None:
        super().__init__(settings, secrets)
        self.leader: Region | None = None
        self.region, self.far_port = "", self.port

    @property
    def follow(self) -> str:
        """With what a replica in the other region connects to it."""
        return self.follow_at(self.far_port)

    def follow_at(self, port: int) -> str:
        password = self.secrets["postgres.replicator"]
        return (
            f"host=127.0.0.1 port={port} user={REPLICATOR} password={password}"
            " connect_timeout=60"
        )

    def initdb(self) -> None:
        if self.leader:
            self.copy(self.leader)
        else:
            super().initdb()

    def copy(self, leader: Region) -> None:
        source, password = spoken(leader.follow)
        words = ["-d", source, "--checkpoint=fast", "--wal-method=stream"]
        program: list[str | Path] = [self.demand("pg_basebackup"), "-D", self.data]
        programs.run([*program, *words], self.home, self.user, password)
        self.fence(leader)

    def fence(self, leader: Region) -> None:
        """Have it follow ``leader``, while it is stopped."""
        words = feeding.following(leader, self.region)
        lines = [f"{name} = '{value}'\n" for name, value in words.items()]
        self.write("postgresql.auto.conf", "".join(lines))
        self.write("standby.signal", "")

    def provision(self, variables: Mapping[str, str]) -> None:
        if self.leader is None:
            super().provision(variables)

    def commands(self) -> list[Command]:
        [command] = super().commands()
        words = [f"--{name}={value}" for name, value in FOLLOWING.items()]
        return [replace(command, argv=[*command.argv, *words])]

    def write(self, file: str, text: str) -> None:
        """Into its data, while it is stopped."""
        place = self.data / file
        with place.open("a") as stream:
            stream.write(text)
        self.hand_over(place)


class RegionalMongo(Mongo):
    """A member; the set is formed when all of them are there."""

    def is_ready(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.admin.command("ping")["ok"])
        except PyMongoError:
            return False

    def provision(self, variables: Mapping[str, str]) -> None:
        """It has no users before there is a set."""


class RegionalRabbitMQ(RabbitMQ):
    def __init__(self, settings: Settings, secrets: Mapping[str, str]) -> None:
        super().__init__(settings, secrets)
        self.far_port = self.port

    def prepare(self) -> None:
        super().prepare()
        (self.home / "enabled_plugins").write_text(PLUGINS)
        with (self.home / "rabbitmq.conf").open("a") as config:
            config.write(HANDSHAKE)

    @property
    def upstream(self) -> str:
        """Where the other region's broker hears the events of this one."""
        password = self.secrets["rabbitmq.federation"]
        return f"amqp://federation:{password}@127.0.0.1:{self.far_port}/{VHOST}"

    def provision(self, variables: Mapping[str, str]) -> None:
        super().provision(variables)
        person = {"password": self.secrets["rabbitmq.federation"], "tags": ""}
        call("PUT", f"{self.admin_uri}/api/users/federation", person)
        own, heard = "^federation: .*$", r"^(federation: .*|[a-z_]+\.events)$"
        rights = {"configure": own, "write": own, "read": heard}
        call("PUT", f"{self.admin_uri}/api/permissions/{VHOST}/federation", rights)


class RegionalConsul(Consul):
    """A datacenter of its own, joined to the ``others`` by their ports."""

    def __init__(self, settings: Settings, secrets: Mapping[str, str]) -> None:
        super().__init__(settings, secrets)
        self.datacenter, self.others = "", list[int]()

    def commands(self) -> list[Command]:
        [command] = super().commands()
        joined = [f"-retry-join-wan=127.0.0.1:{port}" for port in self.others]
        words = [f"-datacenter={self.datacenter}", "-retry-interval-wan=2s", *joined]
        return [replace(command, argv=[*command.argv, *words])]
