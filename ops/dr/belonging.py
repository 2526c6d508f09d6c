"""Whether orders and a catalogue are of one shop, and of where it takes writes now.

Of two that are not, each order that the one has not heard of would look lost.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pymongo import MongoClient

from ops import environment
from ops.dr import epoch
from ops.dr.presence import leader_in
from ops.dr.regions import Regions
from ops.dr.talking import talk
from ops.errors import Problem
from ops.stack.given import KINDS, hosts
from ops.stack.state import State

SERVERS = {"ORDER_DB_URI": "postgres", "PRODUCT_MONGO_URI": "mongo"}
# To the microsecond, and open to everybody: no other server has the same.
BIRTH = "SELECT pg_postmaster_start_time()"


def demand_leading(
    regions: Regions, orders_uri: str, catalogue: MongoClient[Any]
) -> None:
    """Raise unless both are where the region of the last epoch takes writes."""
    with regions.catalogue() as client:
        known = epoch.current(client)
        if members_of(client) != members_of(catalogue):
            raise Problem("PRODUCT_MONGO_URI does not lead to the regions' MongoDB")
    leader = leader_in(regions, known)
    if birth_of(orders_uri) != birth_of(leader.postgres):
        raise Problem(
            f"ORDER_DB_URI does not lead to PostgreSQL of {leader.name}, which takes"
            f" writes in epoch {known.number}"
        )


def members_of(client: MongoClient[Any]) -> tuple[str, list[str]]:
    told = client.admin.command("hello")
    return told["setName"], sorted(told["hosts"])


def birth_of(uri: str) -> Any:
    with talk(uri.replace("postgresql+psycopg2:", "postgresql:", 1)) as cursor:
        cursor.execute(BIRTH)
        return cursor.fetchone()[0]


def demand_own(environ: Mapping[str, str]) -> None:
    """Without regions: raise unless both are servers that this run directory runs."""
    _, running = State.read(environment.run_dir()).left_over()
    ports = {each.name: each.port for each in running}
    for name, server in SERVERS.items():
        place = hosts(urlsplit(environ[name]), KINDS[name])
        if server not in ports or place != [("127.0.0.1", ports[server])]:
            raise Problem(
                f"{name} is not of the stack in {environment.run_dir()}: nobody knows"
                f" whether orders and catalogue are of one shop; SHOPNOW_REGIONS has to"
                f" name the file of the regions"
            )
