"""Has a region take the writes, once nobody else does."""

from typing import Any

from pymongo import MongoClient

from ops.dr import broker, consul, epoch, feeding, journal, mongo, outboxes, postgres
from ops.dr.epoch import Epoch
from ops.dr.postgres import Condition
from ops.dr.presence import takes_writes
from ops.dr.regions import Region, Regions
from ops.errors import Problem
from ops.stack.progress import step, tell


def promote(
    regions: Regions, name: str, *, gives_up: bool = False, is_gone: bool = False
) -> Epoch:
    """The epoch that ``name`` takes writes in; repeating it does no harm.

    Unless it ``gives_up`` what was written in the last epoch, it has to know of that.
    Somebody knows that the other one ``is_gone``, whose address cannot tell.
    """
    region, others = regions[name], regions.beside(name)
    demand_closed(others, is_gone)
    with step(f"MongoDB's majority has made {name} its primary"):
        mongo.lead(regions, region)
    with regions.catalogue() as client:
        mine = take(client, region, gives_up)
        # The election took its time: who was cut off may be back by now.
        demand_closed(others, is_gone)
        with step(f"PostgreSQL of {name} takes writes in epoch {mine.number}"):
            postgres.promote(region)
            journal.write_down(region, mine)
            epoch.note_opened(client, mine)
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
    found = postgres.condition(region)
    if not (gives_up or has_all(region, found, known)):
        raise Problem(
            f"PostgreSQL of {region.name} has seen epoch {found.epoch}, and"
            f" {known.region} was given {known.number}: what was written in that is"
            f" lost with this; --give-up says that it may be"
        )
    if known.region == region.name:
        return known
    return epoch.claim(client, known, region.name)


def has_all(region: Region, found: Condition, known: Epoch) -> bool:
    """Whether it has seen the last epoch, or nothing was written in that."""
    if found.epoch >= known.number:
        return True
    # Nobody was opened in it: who was primary before still is the last one.
    return not known.opened and (known.region == region.name or not found.is_replica)


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


def demand_closed(others: list[Region], is_gone: bool) -> None:
    """Two that take writes would each lose what the other took."""
    for each in others:
        if takes_writes(each, is_gone):
            raise Problem(
                f"PostgreSQL of {each.name} still takes writes; stop it first:"
                f" it will come back as a replica"
            )
