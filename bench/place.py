"""A private stack for one run: on free ports, in a directory that is removed."""

import os
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TypeVar

import psutil

from ops.stack import ending
from ops.stack.child import find
from ops.stack.plan import Plan
from ops.stack.ports import trouble_with
from ops.stack.roster import Roster
from ops.stack.servers.postgres import wipe as wipe_postgres
from ops.stack.settings import GIVABLE, ROOT, Settings
from ops.stack.supervisor import Supervisor

Found = TypeVar("Found")

# `make reset` and `make test` clear what was killed here.
PLACES = ROOT / ".run/test"
# Below the ports that the kernel gives to clients.
PORTS = range(20_000, 32_000)
# The catalogue takes a migration, and a migration takes a service to be made for.
PARTS = ("rabbitmq", "postgres", "mongo", "redis", "consul", "auth_service")


@contextmanager
def private(parts: Sequence[str] = PARTS) -> Iterator[Plan]:
    """The plan of a stack of these parts, or of all where none is named."""
    sweep()
    me = psutil.Process()
    run_dir = PLACES / f"{me.pid}-{me.create_time():.0f}"
    surroundings(run_dir)
    try:
        yield Plan(Settings.load(os.environ), parts)
    finally:
        # What supervised it was this process: there is nobody left to stop.
        wipe_postgres(run_dir / "postgres")
        shutil.rmtree(run_dir, ignore_errors=True)


def supervised(plan: Plan, work: Callable[[Roster, Event], Found]) -> Found:
    """Be the stack's supervisor for as long as ``work`` takes; what it found."""
    supervisor = Supervisor(plan)
    done: list[Found] = []

    def work_once(roster: Roster) -> Callable[[], None]:
        done.append(work(roster, supervisor.stopping))
        supervisor.stopping.set()
        return lambda: None

    supervisor.run(work_once)
    return done[0]


def surroundings(run_dir: Path) -> None:
    """Make the environment speak of a stack of our own."""
    for name in GIVABLE:
        os.environ.pop(name, None)
    names = Settings.load({}).ports
    free = free_ports()
    os.environ.update({f"{name}_PORT".upper(): str(next(free)) for name in names})
    os.environ.update(
        SHOPNOW_RUN_DIR=str(run_dir),
        AUTH_SERVICE_PROCESSES="1",
        GATEWAY_HOST="127.0.0.1",
        STOCK_ADDRESS=f"127.0.0.1:{next(free)}",
    )
    run_dir.mkdir(parents=True)


def free_ports() -> Iterator[int]:
    """As many as are wanted, all different."""
    for port in random.sample(PORTS, len(PORTS)):
        if not trouble_with("127.0.0.1", port):
            yield port


def sweep() -> None:
    """Remove what runs that were killed have left."""
    for place in PLACES.glob("*-*"):
        pid, created = place.name.split("-")
        if find(int(pid), float(created)) is None:
            ending.wipe(place)
