"""Whether the shop is open: what Consul and the gateway say of its processes."""

from collections.abc import Mapping

import urllib3

from ops.errors import Problem
from ops.http import answers, call


def unhealthy(
    consul_uri: str, gateway_url: str, processes: Mapping[str, int]
) -> list[str]:
    """The services that have fewer passing processes than they should have."""
    late = [
        name for name, count in processes.items() if passing(consul_uri, name) < count
    ]
    if late or not processes.get("gateway"):
        return late
    return [] if answers(f"{gateway_url}/readyz") else ["gateway"]


def passing(consul_uri: str, name: str) -> int:
    try:
        return len(call("GET", f"{consul_uri}/v1/health/service/{name}?passing"))
    except (Problem, urllib3.exceptions.HTTPError):
        return 0
