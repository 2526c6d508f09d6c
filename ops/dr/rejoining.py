"""Has a region that has come back follow the one that takes writes."""

import psycopg2

from ops.dr import broker, consul, epoch, feeding, histories, mongo, postgres
from ops.dr.epoch import Epoch
from ops.dr.presence import leader_in, takes_writes
from ops.dr.regions import Region, Regions
from ops.dr.returned import Returned
from ops.dr.waiting import until
from ops.errors import Problem
from ops.stack.progress import step

# With regions that are far apart, signing in alone takes several ways there and back.
SECONDS = 240.0
# A broker takes some thirty, one after the other.
LINK_SECONDS = 600.0


def rejoin(regions: Regions, name: str, server: Returned) -> Epoch:
    """Give up what nobody else has, and copy the rest; repeating it does no harm."""
    region = regions[name]
    with regions.catalogue() as client:
        known = epoch.current(client)
    if known == epoch.NONE or known.region == name:
        raise Problem(f"no region but {name} was promoted; see shopnow dr status")
    leader = leader_in(regions, known)
    if server.runs and takes_writes(region):
        raise Problem(
            f"PostgreSQL of {name} takes writes; stop it first: it will come back"
            f" as a replica"
        )
    if server.identity != postgres.identity(leader):
        raise Problem(f"{server.data} are not data that {leader.name} has shared")
    server.fence()
    feeding.welcome(leader, name)
    with step(f"PostgreSQL of {name} has one history with {leader.name}"):
        make_one(region, leader, server)
    follow(regions, region, leader)
    consul.tell(region, known)
    return known


def make_one(region: Region, leader: Region, server: Returned) -> None:
    """Rewind it, if it has what ``leader`` never got."""
    if not server.is_half_way:
        server.start()
        demand_its_own(region, server)
    if server.is_half_way or histories.has_parted(region, leader):
        server.stop()
        server.rewind(leader, region.name)
        server.start()


def demand_its_own(region: Region, server: Returned) -> None:
    """What is rewound must be what the address of the region leads to."""
    await_replica(region)
    place = postgres.place_of(region)
    if place != str(server.data):
        raise Problem(f"PostgreSQL of {region.name} has its data in {place}")


def await_replica(region: Region) -> None:
    why = f"PostgreSQL of {region.name} does not answer as a replica"
    until(lambda: answers(region), why)


def answers(region: Region) -> bool:
    try:
        return postgres.condition(region).is_replica
    except psycopg2.OperationalError:
        return False


def follow(regions: Regions, region: Region, leader: Region) -> None:
    name = region.name
    with step(f"PostgreSQL of {name} streams from {leader.name}"):
        await_replica(region)
        feeding.follow(region, leader)
        # And the other way round, for when that one comes back.
        feeding.follow(leader, region)
        why = f"PostgreSQL of {name} does not stream from {leader.name}"
        until(lambda: postgres.condition(region).streams, why, SECONDS)
        feeding.forget(region, leader.name)
    with step(f"MongoDB of {name} follows"):
        until(
            lambda: mongo.members(regions, leader)[region.mongo] == "SECONDARY",
            f"MongoDB of {name} does not follow",
            SECONDS,
        )
    with step(f"RabbitMQ of {name} hears the events of {leader.name}"):
        broker.copy_queues(region, leader)
        broker.wait(region)
        broker.federate(region, leader)
        broker.await_links(region, LINK_SECONDS)
