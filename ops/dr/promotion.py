"""Has a region take the writes, once nobody else does."""

from datetime import UTC, datetime

import psycopg2

from ops.dr import broker, consul, epoch, mongo, outboxes, postgres
from ops.dr.epoch import Epoch
from ops.dr.regions import Region, Regions
from ops.errors import Problem
from ops.stack.progress import step, tell


def promote(regions: Regions, name: str) -> Epoch:
    """The epoch that ``name`` takes writes in; repeating it does no harm."""
    region, others = regions[name], regions.beside(name)
    demand_closed(others)
    with step(f"MongoDB's majority has made {name} its primary"):
        mongo.lead(regions, region)
    with regions.catalogue() as client:
        known = epoch.current(client)
        # Who was stopped half-way goes on in the epoch that was taken then.
        mine = known if known.region == name else epoch.claim(client, known, name)
    with step(f"PostgreSQL of {name} takes writes in epoch {mine.number}"):
        postgres.promote(region)
        postgres.write_down(region, mine)
        for each in others:
            postgres.welcome(region, each.name)
    with step("Events of the last minutes are told again"):
        broker.work(region)
        again = outboxes.publish_again(region.postgres, datetime.now(UTC))
    tell(f"  {again} events wait in the outboxes")
    consul.tell_who_is_there([region, *others], mine)
    return mine


def demand_closed(others: list[Region]) -> None:
    """Two that take writes would each lose what the other took."""
    for each in others:
        if takes_writes(each):
            raise Problem(
                f"PostgreSQL of {each.name} still takes writes; stop it first:"
                f" it will come back as a replica"
            )


def takes_writes(region: Region) -> bool:
    """Nobody answers for what is gone; what comes back is fenced."""
    try:
        return not postgres.condition(region).is_replica
    except psycopg2.OperationalError:
        return False
