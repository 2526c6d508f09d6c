"""What of the workers and connections of this process is taken."""

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any
from weakref import WeakKeyDictionary

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

# How many of a pool are taken, and how many there may be.
Use = tuple[int, int]
Kind = tuple[str, Callable[[Any], Use]]


class Pools(Collector):
    """Each is looked at when somebody reads; those of one name are added up."""

    def __init__(self) -> None:
        self.known: MutableMapping[Any, Kind] = WeakKeyDictionary()

    def watch(self, name: str, pool: Any, use: Callable[[Any], Use]) -> None:
        """Show ``use(pool)`` under ``name`` for as long as ``pool`` is there."""
        self.known[pool] = name, use

    def uses(self) -> dict[str, Use]:
        found: dict[str, Use] = {}
        for pool, (name, use) in list(self.known.items()):
            taken, size = use(pool)
            before = found.get(name, (0, 0))
            found[name] = before[0] + taken, before[1] + size
        return found

    def collect(self) -> Iterator[Metric]:
        taken = GaugeMetricFamily(
            "shopnow_pool_in_use", "Workers or connections taken", labels=("pool",)
        )
        there = GaugeMetricFamily(
            "shopnow_pool_size", "How many of them there may be", labels=("pool",)
        )
        for name, (in_use, size) in self.uses().items():
            taken.add_metric((name,), in_use)
            there.add_metric((name,), size)
        yield taken
        yield there


def of_engine(engine: Any) -> Use:
    """SQLAlchemy's; it has no public word for how far it may grow."""
    return engine.pool.checkedout(), engine.pool.size() + engine.pool._max_overflow


def of_mongo(client: Any) -> Use:
    """pymongo's; listeners would tell, and cost every operation of the service."""
    servers = client._topology._servers.values()
    taken = sum(server.pool.active_sockets for server in servers)
    return taken, client.options.pool_options.max_pool_size


def of_redis(pool: Any) -> Use:
    return len(pool._in_use_connections), pool.max_connections


def of_workers(pool: Any) -> Use:
    return pool.running(), pool.size


POOLS = Pools()
REGISTRY.register(POOLS)
