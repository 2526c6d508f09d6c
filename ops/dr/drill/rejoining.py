"""Has a region that has come back follow the one that takes writes."""

from ops.dr import broker, consul, epoch, histories, mongo, postgres
from ops.dr.drill.world import World
from ops.dr.waiting import until

# With regions that are far apart, signing in alone takes several ways there and back.
SECONDS = 120.0


def follow_again(world: World, name: str, leader: str) -> None:
    """Give up what nobody else has, and copy the rest."""
    regions, ground = world.regions, world.grounds[name]
    server = world.server(name, "postgres")
    if histories.has_parted(regions[name], regions[leader]):
        ground.stop(server)
        server.rewind(regions[leader])
        server.fence(regions[leader])
        ground.launch(server)
    postgres.follow(regions[leader], regions[name])
    until(
        lambda: postgres.condition(regions[name]).streams,
        f"PostgreSQL of {name} does not stream from {leader}",
        SECONDS,
    )
    until(
        lambda: (
            mongo.members(regions, regions[leader])[regions[name].mongo] == "SECONDARY"
        ),
        f"MongoDB of {name} does not follow",
        SECONDS,
    )
    broker.copy_queues(regions[name], regions[leader])
    broker.wait(regions[name])
    broker.federate(regions[name], regions[leader])
    with regions.catalogue() as client:
        consul.tell(regions[name], epoch.current(client))
