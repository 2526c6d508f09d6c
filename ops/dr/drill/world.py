"""Both regions and the witness, laid out on free ports of one machine."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from ops.dr import feeding
from ops.dr.drill import joining
from ops.dr.drill.ground import Ground
from ops.dr.drill.places import STANDBY, WITNESS, A, B
from ops.dr.drill.plans import address, apart, free_ports, private, regionalise
from ops.dr.regions import FILE, Regions
from ops.stack import install, secrets
from ops.stack.plan import Plan
from ops.stack.progress import step
from ops.stack.secrets import write_private
from ops.stack.servers.mongo import REPLICA_SET
from ops.stack.servers.postgres import wipe as wipe_postgres
from ops.stack.settings import Settings

SHARED = ("postgres.replicator", "rabbitmq.federation")
MONGO = "{user}:{password}@{members}/{database}?authSource={database}&replicaSet={set}"


class World:
    """A commit in A waits for the replica of the name ``waits``, if there is one; what
    replicas and brokers tell the other region takes ``distance`` seconds.
    """

    def __init__(self, place: Path, waits: str, distance: float) -> None:
        self.place, self.waits, self.distance = place, waits, distance
        self.has_standby = waits == STANDBY
        names = (A, B, WITNESS, *([STANDBY] if self.has_standby else []))
        ports = free_ports()
        shared = dict(secrets.load(place / A))
        shared |= {name: shared.get(name) or secrets.fresh_key() for name in SHARED}
        for name in names:
            write_private(place / name / "secrets.json", json.dumps(shared))
        each = {name: private(place / name, ports) for name in names}
        self.hosts = {
            name: f"127.0.0.1:{each[name]['MONGO_PORT']}" for name in (A, B, WITNESS)
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

    @property
    def file(self) -> Path:
        """Where an operator reads of both."""
        return self.place / FILE

    def server(self, name: str, kind: str) -> Any:
        return getattr(self.grounds[name].plan.all_servers, kind)

    def install(self) -> None:
        servers = vars(self.grounds[A].plan.all_servers).values()
        install.ensure([each for each in servers if each.is_needed])

    def build(self) -> None:
        """Servers of both, the shop's data in A, and all that joins the two."""
        self.regions.save(self.file)
        for link in self.links:
            link.start()
        with step("Servers of region-a, and MongoDB's three members"):
            self.grounds[WITNESS].start([self.server(WITNESS, "mongo")])
            self.grounds[B].start([self.server(B, "mongo")])
            self.grounds[A].start(self.servers(A))
            joining.form_set(self.server(A, "mongo"), list(self.hosts.values()))
            product_service = self.mongo("product_service", "product_service")
            joining.make_user(self.regions, product_service)
        with step("Servers of region-b, PostgreSQL as a replica"):
            self.copy_postgres()
            self.grounds[B].start(self.servers(B, without="mongo"))
        with step("The shop's databases and its demo catalogue"):
            self.grounds[A].perform("migrate")
            self.grounds[A].perform("seed")
        with step("region-a takes orders in the first epoch"):
            both = self.regions[A], self.regions[B]
            joining.take_first(self.regions, *both, self.waits)
            self.grounds[A].open()
            joining.federate(*both)
        for link in self.links:
            link.seconds = self.distance

    def copy_postgres(self) -> None:
        """From A to B, or by a standby that is beside that in A."""
        region, copy = self.regions[A], self.server(B, "postgres")
        copy.leader = region
        if not self.has_standby:
            joining.share(region, B, self.secrets)
            return
        joining.share(region, STANDBY, self.secrets)
        first, second = self.server(A, "postgres"), self.server(STANDBY, "postgres")
        second.leader = replace(region, follow=first.follow_at(first.port))
        self.grounds[STANDBY].start([second])
        feeding.welcome(replace(region, postgres=second.uri("admin")), B)
        self.feed(A, second.port)

    def feed(self, name: str, port: int) -> None:
        """Have the server at ``port`` tell the other region of the changes."""
        far = self.server(name, "postgres").far_port
        [link] = [each for each in self.links if each.own == far]
        link.port = port

    def servers(self, name: str, without: str = "") -> list[Any]:
        kinds = ("postgres", "mongo", "rabbitmq", "redis", "consul")
        return [self.server(name, kind) for kind in kinds if kind != without]

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
