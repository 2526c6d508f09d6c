"""What each region is told: ports that are free, and where its other half is."""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ops.dr.drill.distance import Link
from ops.dr.drill.servers import (
    RegionalConsul,
    RegionalMongo,
    RegionalPostgres,
    RegionalRabbitMQ,
)
from ops.dr.regions import Region
from ops.stack.plan import Plan
from ops.stack.ports import trouble_with
from ops.stack.settings import GIVABLE, Settings

# Not those of the tests, which could take what a region has left while it is down.
PORTS = range(16_000, 20_000)


def private(place: Path, ports: Iterator[int]) -> dict[str, str]:
    outside = {k: v for k, v in os.environ.items() if k not in {*GIVABLE, "TLS"}}
    names = Settings.load({}).ports
    mine = {f"{name}_PORT".upper(): str(next(ports)) for name in names}
    quiet = {"GATEWAY_PROCESSES": "1", "CONSOLE": "off", "PROMETHEUS": "off"}
    return outside | mine | quiet | {"SHOPNOW_RUN_DIR": str(place)}


def regionalise(plan: Plan, name: str) -> None:
    servers, told = plan.all_servers, (plan.settings, plan.secrets)
    servers.postgres = postgresql = RegionalPostgres(*told)
    servers.mongo = RegionalMongo(*told)
    servers.rabbitmq = RegionalRabbitMQ(*told)
    servers.consul = consul = RegionalConsul(*told)
    consul.datacenter = postgresql.region = name


def apart(plan: Plan, ports: Iterator[int]) -> Iterator[Link]:
    """The ports that the other region knows of its servers."""
    far: Any
    for far in (plan.all_servers.postgres, plan.all_servers.rabbitmq):
        far.far_port = next(ports)
        yield Link(far.far_port, far.port)


def address(name: str, plan: Plan, mongo_host: str) -> Region:
    servers = plan.all_servers
    return Region(
        name=name,
        postgres=servers.postgres.uri("admin"),
        follow=servers.postgres.follow,  # type: ignore[attr-defined]
        mongo=mongo_host,
        management=servers.rabbitmq.admin_uri,
        upstream=servers.rabbitmq.upstream,  # type: ignore[attr-defined]
        consul=servers.consul.uri,
        consul_token=plan.consul_token("operator"),
        gateway=plan.settings.gateway_url,
    )


def free_ports() -> Iterator[int]:
    for port in random.sample(PORTS, len(PORTS)):
        if not trouble_with("127.0.0.1", port):
            yield port
