"""The broker: heard by every service, and not full."""

from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

import urllib3

from ops import http
from ops.doctor.case import Case
from ops.doctor.finding import Check, Finding, left_out, ok, problem, warning
from ops.errors import Problem
from ops.stack.servers import RabbitMQ
from ops.stack.servers.rabbitmq import VHOST, definitions

# The broker counts every 5 s: a service that has just come is not yet told of.
RENEWED_SECONDS, PAUSE_SECONDS = 6.0, 0.5
MOST_WAITING = 1000
MOST_USED = 0.8


def pages(case: Case) -> str | None:
    """Where its management is, with an administrator's rights; or None."""
    if given := case.variables.get("RABBITMQ_ADMIN_URI"):
        return given.rstrip("/")
    if "AMQP_URI" in case.settings.given or "rabbitmq.admin" not in case.secrets:
        return None
    return RabbitMQ(case.settings, case.secrets).admin_uri


def asking(
    look: Callable[[str], Iterator[Finding]],
) -> Callable[[Case], Iterator[Finding]]:
    """``look``, given where the management is."""

    def looked(case: Case) -> Iterator[Finding]:
        if (uri := pages(case)) is None:
            yield left_out("RABBITMQ_ADMIN_URI tells who may look, and is not set")
            return
        try:
            yield from look(uri)
        except (Problem, urllib3.exceptions.HTTPError) as trouble:
            yield problem(f"its management: {trouble}", "make status")

    return looked


def queues(uri: str) -> Iterator[Finding]:
    """Whether somebody hears each, and it does not grow."""
    found = settled(f"{uri}/api/queues/{quote(VHOST, safe='')}")
    dead = {each["name"] for each in definitions()["queues"]}
    quiet = 0
    for each in found:
        name, waiting = each["name"], each.get("messages", 0)
        if name in dead and waiting:
            told = f"{waiting} dead letters: events that nobody could handle"
            yield warning(told, "shopnow dead-letters list")
        elif is_ours(name) and not each.get("consumers"):
            yield problem(f"nobody hears {name}; {waiting} wait", "make status")
        elif waiting > MOST_WAITING:
            yield warning(f"{waiting} wait in {name}", "shopnow top")
        else:
            quiet += 1
    yield ok(f"{quiet} of {len(found)} queues are heard and short")


def settled(uri: str) -> Any:
    """The queues, once each is heard; or as they are after its numbers were renewed."""
    deadline = monotonic() + RENEWED_SECONDS
    while True:
        found = http.call("GET", uri)
        quiet = [q for q in found if is_ours(q["name"]) and not q.get("consumers")]
        if not quiet or monotonic() > deadline:
            return found
        sleep(PAUSE_SECONDS)


def is_ours(name: str) -> bool:
    """A service's own, and not one in which what is tried again waits its time."""
    return name.startswith(("rpc-", "evt-")) and "retry" not in name


def alarms(uri: str) -> Iterator[Finding]:
    """Whether it has stopped taking messages, or is about to."""
    for node in http.call("GET", f"{uri}/api/nodes"):
        if node.get("mem_alarm"):
            yield problem(
                "it has run out of memory, and takes no messages",
                "shopnow top  # whose queue is long; then free memory",
            )
        if node.get("disk_free_alarm"):
            free = node.get("disk_free", 0) / 2**20
            yield problem(
                f"{free:.0f} MB of disk are free, and it takes no messages", "df -h"
            )
        for kind in ("fd", "sockets", "proc"):
            used, most = node.get(f"{kind}_used", 0), node.get(f"{kind}_total", 0)
            if most and used > most * MOST_USED:
                told = f"{used} of {most} {kind} are used"
                yield warning(told, "ulimit -n 65536; make stop; make start")
    yield ok("no alarm")


CHECKS = (
    Check("queues", asking(queues), ("AMQP_URI",)),
    Check("alarms", asking(alarms), ("AMQP_URI",)),
)
