"""Makes one shop of two regions: replicas, a replica set, and the first epoch."""

from typing import Any

from ops.dr import broker, epoch, postgres
from ops.dr.drill.servers import RegionalMongo, RegionalPostgres
from ops.dr.regions import Region, Regions
from ops.dr.waiting import until
from ops.stack.servers.mongo import REPLICA_SET, ensure_user


def form_set(first: RegionalMongo, hosts: list[str]) -> None:
    """Of three members: the first is the primary, and the last one never."""
    members = [
        {"_id": number, "host": host, "priority": 2 - number}
        for number, host in enumerate(hosts)
    ]
    with first.client() as client:
        config = {"_id": REPLICA_SET, "members": members}
        client.admin.command("replSetInitiate", config)
    until(lambda: hello(first)["isWritablePrimary"], "MongoDB has no primary")
    first.ensure_admin()


def make_user(regions: Regions, uri: str) -> None:
    with regions.catalogue() as admin:
        ensure_user(admin, uri)


def hello(server: RegionalMongo) -> dict[str, Any]:
    with server.client() as client:
        found: dict[str, Any] = client.admin.command("hello")
        return found


def prepare_replica(leader: Region, copy: RegionalPostgres) -> None:
    """Have ``copy`` be one of ``leader`` when it starts first."""
    with postgres.talk(leader.postgres) as cursor:
        password = copy.secrets["postgres.replicator"]
        make = "CREATE ROLE replicator LOGIN REPLICATION PASSWORD %s"
        cursor.execute(make, [password])
    postgres.welcome(leader, copy.region)
    copy.leader = leader


def take_first(regions: Regions, leader: Region, other: Region, waits: bool) -> None:
    """The first epoch, and the fence for when ``leader`` comes back in a later one."""
    with regions.catalogue() as client:
        first = epoch.claim(client, epoch.NONE, leader.name)
    postgres.write_down(leader, first)
    postgres.follow(leader, other)
    with postgres.talk(leader.postgres) as cursor:
        postgres.arm(cursor)
        postgres.demand_copies(cursor, f'"{other.name}"' if waits else "")


def federate(leader: Region, other: Region) -> None:
    """Have ``other`` hear what ``leader`` tells; its services have laid out queues."""
    broker.copy_queues(other, leader)
    broker.wait(other)
    broker.federate(other, leader)
