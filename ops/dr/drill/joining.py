"""Makes one shop of two regions: replicas, a replica set, and the first epoch."""

from collections.abc import Mapping
from typing import Any

from ops.dr import broker, epoch, feeding, journal, postgres
from ops.dr.drill.servers import RegionalMongo
from ops.dr.regions import Region, Regions
from ops.dr.talking import talk
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


def share(leader: Region, copy: str, secrets: Mapping[str, str]) -> None:
    """Let the server of the name ``copy`` become a replica."""
    with talk(leader.postgres) as cursor:
        make = "CREATE ROLE replicator LOGIN REPLICATION PASSWORD %s"
        cursor.execute(make, [secrets["postgres.replicator"]])
    feeding.welcome(leader, copy)


def take_first(regions: Regions, leader: Region, other: Region, waits: str) -> None:
    """The first epoch, and the fence for when ``leader`` comes back in a later one.

    A commit ``waits`` for the replica of that name, or for none.
    """
    with regions.catalogue() as client:
        first = epoch.claim(client, epoch.NONE, leader.name)
        journal.write_down(leader, first)
        epoch.note_opened(client, first)
    feeding.follow(leader, other)
    with talk(leader.postgres) as cursor:
        postgres.arm(cursor)
        feeding.demand_copies(cursor, f'"{waits}"' if waits else "")


def federate(leader: Region, other: Region) -> None:
    """Have ``other`` hear what ``leader`` tells; its services have laid out queues."""
    broker.copy_queues(other, leader)
    broker.wait(other)
    broker.federate(other, leader)
    broker.await_links(other, 60.0)
