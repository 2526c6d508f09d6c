"""Both regions and the witness, laid out on free ports of one machine."""

import json
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ops.dr import broker, epoch, postgres, waiting
from ops.dr.drill.distance import Link
from ops.dr.drill.ground import Ground
from ops.dr.drill.servers import (
    RegionalConsul,
    RegionalMongo,
    RegionalPostgres,
    RegionalRabbitMQ,
)
from ops.dr.regions import FILE, Region, Regions
from ops.stack import install, secrets
from ops.stack.plan import Plan
from ops.stack.ports import trouble_with
from ops.stack.progress import step
from ops.stack.secrets import write_private
from ops.stack.servers.mongo import REPLICA_SET, ensure_user
from ops.stack.servers.postgres import wipe as wipe_postgres
from ops.stack.settings import GIVABLE, Settings

A, B, WITNESS = "region-a", "region-b", "witness"
# Below those that the kernel gives to clients, and beside those of the tests.
PORTS = range(20_000, 32_000)
SHARED = ("postgres.replicator", "rabbitmq.federation")
MONGO = "{user}:{password}@{members}/{database}?authSource={database}&replicaSet={set}"


class World:
    """A commit in A ``waits`` for B or not; what replicas and brokers tell the other
    region takes ``distance`` seconds.
    """

    def __init__(self, place: Path, waits: bool, distance: float) -> None:
        self.place, self.waits, self.distance = place, waits, distance
        ports = free_ports()
        shared = dict(secrets.load(place / A))
        shared |= {name: shared.get(name) or secrets.fresh_key() for name in SHARED}
        for name in (A, B, WITNESS):
            write_private(place / name / "secrets.json", json.dumps(shared))
        each = {name: private(place / name, ports) for name in (A, B, WITNESS)}
        self.hosts = {
            name: f"127.0.0.1:{settings['MONGO_PORT']}"
            for name, settings in each.items()
        }
        self.secrets = shared
        uri = {"PRODUCT_MONGO_URI": self.mongo("product_service", "product_service")}
        plans = {name: Plan(Settings.load(each[name] | uri)) for name in each}
        self.grounds = {name: Ground(name, plans[name]) for name in plans}
        for name, plan in plans.items():
            regionalise(plan, name)
        self.links = [link for n in (A, B) for link in apart(plans[n], ports)]
        for mine, theirs in ((A, B), (B, A)):
            other = plans[theirs].settings.ports["consul_serf_wan"]
            plans[mine].all_servers.consul.others = [other]  # type: ignore[attr-defined]
        self.regions = Regions(
            self.mongo("admin", "admin"),
            {name: address(name, plans[name], self.hosts[name]) for name in (A, B)},
        )

    def mongo(self, user: str, database: str) -> str:
        password = self.secrets[f"mongo.{user}"]
        members = ",".join(self.hosts.values())
        words = {"user": user, "password": password, "members": members}
        uri = MONGO.format(**words, database=database, set=REPLICA_SET)
        return f"mongodb://{uri}"

    def server(self, name: str, kind: str) -> Any:
        return getattr(self.grounds[name].plan.all_servers, kind)

    def install(self) -> None:
        servers = vars(self.grounds[A].plan.all_servers).values()
        install.ensure([each for each in servers if each.is_needed])

    def build(self) -> None:
        """Servers of both, the shop's data in A, and all that joins the two."""
        self.regions.save(self.place / FILE)
        for link in self.links:
            link.start()
        with step("Servers of region-a, and MongoDB's three members"):
            self.grounds[WITNESS].start([self.server(WITNESS, "mongo")])
            self.grounds[B].start([self.server(B, "mongo")])
            self.grounds[A].start(self.servers(A))
            self.form_set()
        with step("Servers of region-b, PostgreSQL as a replica"):
            self.prepare_replication()
            self.grounds[B].start(self.servers(B, without="mongo"))
        with step("The shop's databases and its demo catalogue"):
            self.grounds[A].perform("migrate")
            self.grounds[A].perform("seed")
        with step("region-a takes orders in the first epoch"):
            self.open_first()
        for link in self.links:
            link.seconds = self.distance

    def servers(self, name: str, without: str = "") -> list[Any]:
        kinds = ("postgres", "mongo", "rabbitmq", "redis", "consul")
        return [self.server(name, kind) for kind in kinds if kind != without]

    def form_set(self) -> None:
        members = [
            {"_id": n, "host": self.hosts[name], "priority": priority}
            for n, (name, priority) in enumerate(((A, 2), (B, 1), (WITNESS, 0)))
        ]
        first = self.server(A, "mongo")
        with first.client() as client:
            config = {"_id": REPLICA_SET, "members": members}
            client.admin.command("replSetInitiate", config)
        waiting.until(
            lambda: hello(first)["isWritablePrimary"], "MongoDB has no primary"
        )
        first.ensure_admin()
        with self.regions.catalogue() as admin:
            ensure_user(admin, self.mongo("product_service", "product_service"))

    def prepare_replication(self) -> None:
        leader = self.regions[A]
        with postgres.talk(leader.postgres) as cursor:
            password = self.secrets["postgres.replicator"]
            cursor.execute(
                "CREATE ROLE replicator LOGIN REPLICATION PASSWORD %s", [password]
            )
        postgres.welcome(leader, B)
        copy = self.server(B, "postgres")
        copy.leader = leader

    def open_first(self) -> None:
        leader, other = self.regions[A], self.regions[B]
        with self.regions.catalogue() as client:
            first = epoch.claim(client, epoch.NONE, A)
        postgres.write_down(leader, first)
        postgres.follow(leader, other)
        with postgres.talk(leader.postgres) as cursor:
            postgres.arm(cursor)
            postgres.demand_copies(cursor, f'"{B}"' if self.waits else "")
        self.grounds[A].open()
        broker.copy_queues(other, leader)
        broker.wait(other)
        broker.federate(other, leader)

    def customer(self) -> dict[str, Any]:
        """A demo account that buys."""
        file = self.place / A / "demo-accounts.json"
        accounts: list[dict[str, Any]] = json.loads(file.read_text())
        return next(each for each in accounts if each["email"].startswith("customer"))

    def end(self) -> None:
        for ground in self.grounds.values():
            ground.kill()
        for link in self.links:
            link.stop()

    def wipe(self) -> None:
        for name in self.grounds:
            wipe_postgres(self.place / name / "postgres")
        shutil.rmtree(self.place, ignore_errors=True)


def hello(server: Any) -> dict[str, Any]:
    with server.client() as client:
        found: dict[str, Any] = client.admin.command("hello")
        return found


def private(place: Path, ports: Iterator[int]) -> dict[str, str]:
    outside = {k: v for k, v in os.environ.items() if k not in {*GIVABLE, "TLS"}}
    names = Settings.load({}).ports
    mine = {f"{name}_PORT".upper(): str(next(ports)) for name in names}
    quiet = {"GATEWAY_PROCESSES": "1", "CONSOLE": "off", "PROMETHEUS": "off"}
    return outside | mine | quiet | {"SHOPNOW_RUN_DIR": str(place)}


def regionalise(plan: Plan, name: str) -> None:
    servers, told = plan.all_servers, (plan.settings, plan.secrets)
    servers.postgres = postgresql = RegionalPostgres(*told)
    servers.mongo = RegionalMongo(*told)
    servers.rabbitmq = RegionalRabbitMQ(*told)
    servers.consul = consul = RegionalConsul(*told)
    consul.datacenter = postgresql.region = name


def apart(plan: Plan, ports: Iterator[int]) -> Iterator[Link]:
    """The ports that the other region knows of its servers."""
    far: Any
    for far in (plan.all_servers.postgres, plan.all_servers.rabbitmq):
        far.far_port = next(ports)
        yield Link(far.far_port, far.port)


def address(name: str, plan: Plan, mongo_host: str) -> Region:
    servers = plan.all_servers
    return Region(
        name=name,
        postgres=servers.postgres.uri("admin"),
        follow=servers.postgres.follow,  # type: ignore[attr-defined]
        mongo=mongo_host,
        management=servers.rabbitmq.admin_uri,
        upstream=servers.rabbitmq.upstream,  # type: ignore[attr-defined]
        consul=servers.consul.uri,
        consul_token=plan.consul_token("operator"),
        gateway=plan.settings.gateway_url,
    )


def free_ports() -> Iterator[int]:
    for port in random.sample(PORTS, len(PORTS)):
        if not trouble_with("127.0.0.1", port):
            yield port
