"""A second PostgreSQL in region A: each commit waits for it, and it takes over there.

It feeds the other region, which so never has what this one would lose.
"""

from dataclasses import dataclass, field
from threading import Event
from time import monotonic

from ops.dr.drill import loss
from ops.dr.drill.load import Crowd
from ops.dr.drill.places import STANDBY, A
from ops.dr.drill.world import World
from ops.dr.promotion import promote
from ops.dr.waiting import until
from ops.stack.progress import step, tell


@dataclass
class Failover:
    """``lost`` were told to somebody before, and the standby does not have them."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    first_after: float = 0.0


def fail_over(world: World, crowd: Crowd, quiet: Event, seconds: float) -> Failover:
    """Kill the primary alone while people buy; its services stay."""
    with step("People buy, and each commit waits for the standby"):
        quiet.wait(seconds)
    killed = monotonic()
    world.grounds[A].kill_server("postgres")
    tell("Killed PostgreSQL of region-a")
    take_over(world)
    promote(world.regions, A)
    began = "nobody can buy after the failover"
    until(lambda: [p for p in crowd.told_by(A) if p.asked > killed], began, 60)
    told = crowd.told_by(A)
    known = loss.orders_in(world.regions[A].postgres)
    before = [each for each in told if each.at <= killed]
    return Failover(
        len(before),
        [each.order for each in before if each.order not in known],
        min(each.at for each in told if each.asked > killed) - killed,
    )


def take_over(world: World) -> None:
    """The address of the lost one leads to it, as a name or a proxy would."""
    first, second = world.server(A, "postgres"), world.server(STANDBY, "postgres")
    ground = world.grounds[STANDBY]
    with step("The standby has the primary's address"):
        ground.stop(second)
        second.port = first.port
        ground.launch(second)
        world.feed(A, first.port)
