"""RabbitMQ over two regions: each has a broker of its own, and hears events of the
other's by federation.

In the region that takes no orders, nobody consumes: what comes is kept for a while,
for what the other broker had confirmed and nobody had handled when it was lost.
"""

from typing import Any

from ops.dr.regions import Region
from ops.dr.waiting import until
from ops.http import call
from ops.stack.servers.rabbitmq import VHOST

EVENTS = r"\.events$"
HANDLERS = "evt-"
# Longer than anybody takes to promote; older events were handled where they arose.
KEPT_MS = 15 * 60 * 1000
FEDERATION, WAITING = "federated-events", "waiting-events"


def federate(region: Region, source: Region) -> None:
    """Have the exchanges of ``region`` hear the events of ``source``."""
    upstream = {"uri": source.upstream, "ack-mode": "on-confirm", "max-hops": 1}
    put(region, f"parameters/federation-upstream/{VHOST}/{source.name}", upstream)
    put_policy(
        region,
        FEDERATION,
        EVENTS,
        {"federation-upstream": source.name},
        applies_to="exchanges",
    )


def copy_queues(region: Region, source: Region) -> None:
    """Lay out what the handlers of ``source`` consume: here nobody has done it yet."""
    plan = call("GET", f"{source.management}/api/definitions/{VHOST}")
    queues = [each for each in plan["queues"] if each["name"].startswith(HANDLERS)]
    bindings = [b for b in plan["bindings"] if b["destination"].startswith(HANDLERS)]
    definitions = {"queues": queues, "bindings": bindings}
    call("POST", f"{region.management}/api/definitions/{VHOST}", definitions)


def wait(region: Region) -> None:
    """Keep for a while what nobody consumes."""
    put_policy(region, WAITING, f"^{HANDLERS}", {"message-ttl": KEPT_MS}, "queues")


def work(region: Region) -> None:
    """Keep everything until it is consumed."""
    names = [each["name"] for each in get(region, f"policies/{VHOST}")]
    if WAITING in names:
        call("DELETE", f"{region.management}/api/policies/{VHOST}/{WAITING}")


def links(region: Region) -> dict[str, str]:
    """How the links of its exchanges are, by the exchange."""
    found = get(region, f"federation-links/{VHOST}")
    return {each["exchange"]: each["status"] for each in found}


def await_links(region: Region, seconds: float) -> None:
    """Until it hears the events of each exchange."""
    why = f"RabbitMQ of {region.name} does not hear the events of the other region"
    until(lambda: set(links(region).values()) == {"running"}, why, seconds)


def waiting_in(region: Region) -> int:
    queues = get(region, f"queues/{VHOST}")
    handlers = [each for each in queues if each["name"].startswith(HANDLERS)]
    return sum(each.get("messages", 0) for each in handlers)


def put_policy(
    region: Region, name: str, pattern: str, definition: Any, applies_to: str
) -> None:
    policy = {"pattern": pattern, "definition": definition, "apply-to": applies_to}
    call("PUT", f"{region.management}/api/policies/{VHOST}/{name}", policy)


def put(region: Region, place: str, value: Any) -> None:
    call("PUT", f"{region.management}/api/{place}", {"value": value})


def get(region: Region, place: str) -> Any:
    return call("GET", f"{region.management}/api/{place}")
