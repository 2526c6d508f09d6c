"""Has a region take the writes, once nobody else does."""

from typing import Any

import psycopg2
from pymongo import MongoClient

from ops.dr import broker, consul, epoch, feeding, journal, mongo, outboxes, postgres
from ops.dr.epoch import Epoch
from ops.dr.regions import Region, Regions
from ops.errors import Problem
from ops.stack.progress import step, tell


def promote(regions: Regions, name: str, gives_up: bool = False) -> Epoch:
    """The epoch that ``name`` takes writes in; repeating it does no harm.

    Unless it ``gives_up`` what was written in the last epoch, it has to know of that.
    """
    region, others = regions[name], regions.beside(name)
    demand_closed(others)
    with step(f"MongoDB's majority has made {name} its primary"):
        mongo.lead(regions, region)
    with regions.catalogue() as client:
        mine = take(client, region, gives_up)
        # The election took its time: who was cut off may be back by now.
        demand_closed(others)
        with step(f"PostgreSQL of {name} takes writes in epoch {mine.number}"):
            postgres.promote(region)
            journal.write_down(region, mine)
        demand_held(client, mine)
    for each in others:
        feeding.welcome(region, each.name)
    with step("Events of the last minutes are told again"):
        broker.work(region)
        tell(f"  {tell_again(region, mine)} events wait in the outboxes")
    consul.tell_who_is_there([region, *others], mine)
    return mine


def take(client: MongoClient[Any], region: Region, gives_up: bool) -> Epoch:
    """The next epoch; who was stopped half-way goes on in the one taken then."""
    known = epoch.current(client)
    if known.region == region.name:
        return known
    seen = postgres.condition(region).epoch
    if seen < known.number and not gives_up:
        raise Problem(
            f"PostgreSQL of {region.name} has seen epoch {seen}, and {known.region}"
            f" was given {known.number}: what was written in that is lost with this;"
            f" --give-up says that it may be"
        )
    return epoch.claim(client, known, region.name)


def demand_held(client: MongoClient[Any], mine: Epoch) -> None:
    """Somebody who promoted another meanwhile has claimed before they looked here."""
    last = epoch.current(client)
    if last != mine:
        raise Problem(
            f"{last.region} was given epoch {last.number} meanwhile: stop PostgreSQL"
            f" of {mine.region} at once; it will come back as a replica"
        )


def tell_again(region: Region, mine: Epoch) -> int:
    """How many events; none, if this epoch's were told already."""
    since = journal.untold_since(region, mine)
    if since is None:
        return 0
    count = outboxes.publish_again(region.postgres, since)
    journal.note_told(region, mine)
    return count


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
    except psycopg2.OperationalError as trouble:
        # A server's own word: somebody is there, and may have customers.
        if "FATAL" in str(trouble):
            said = str(trouble).strip().partition("FATAL:")[2].strip()
            raise Problem(
                f"PostgreSQL of {region.name} is there and does not say whether it"
                f" takes writes ({said}); stop it first"
            ) from None
        return False
