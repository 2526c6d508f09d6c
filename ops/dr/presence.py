"""Whether a PostgreSQL takes writes, refuses them, or is not there at all."""

import psycopg2

from ops.dr import epoch, postgres
from ops.dr.epoch import Epoch
from ops.dr.regions import Region, Regions
from ops.errors import Problem

# How libpq says that nobody is there.  Whatever else it says may be of this machine.
GONE = ("Connection refused", "No route to host", "timeout expired", "timed out")


def leader_in(regions: Regions, known: Epoch) -> Region:
    """Who takes writes in the ``known`` epoch, as PostgreSQL itself says too."""
    if known == epoch.NONE:
        raise Problem("no region was promoted; see shopnow dr status")
    leader = regions[known.region]
    found = postgres.condition(leader)
    if found.is_replica or found.epoch != known.number:
        raise Problem(
            f"{leader.name} was given epoch {known.number}, and its PostgreSQL is not"
            f" open in it; shopnow dr promote {leader.name} first"
        )
    return leader


def takes_writes(region: Region, is_gone: bool = False) -> bool:
    """Nobody answers for what is gone; what comes back is fenced.

    An answer counts more than somebody's word that it ``is_gone``.
    """
    try:
        return not postgres.condition(region).is_replica
    except psycopg2.OperationalError as trouble:
        said = str(trouble).strip()
        # It may have customers whom this machine, or this password, is not let in by.
        if not (is_gone or says_gone(said)):
            raise Problem(
                f"nobody knows whether PostgreSQL of {region.name} takes writes"
                f" ({cause(said)}); stop it first (`promote --it-is-gone` takes your"
                f" word for that)"
            ) from None
        return False


def says_gone(said: str) -> bool:
    """Whether nobody is at any address of a name."""
    told = lines_of(said)
    return bool(told) and all(map(is_absence, told))


def is_absence(line: str) -> bool:
    return line.endswith(GONE) and "FATAL" not in line


def cause(said: str) -> str:
    """The first line that says more than that nobody is at one of the addresses."""
    found = [line for line in lines_of(said) if not is_absence(line)]
    return found[0].rpartition(" failed: ")[2] if found else "for no reason"


def lines_of(said: str) -> list[str]:
    """Without libpq's questions, which it sets in."""
    return [line for line in said.splitlines() if not line.startswith("\t")]
