"""`python -m bench.marketplace`: the Online Marketplace benchmark against the shop."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from threading import Event
from time import monotonic
from typing import Any

import click

from bench import cpu, machine, marketplace_report, place
from bench.identity import start
from bench.market_people import Town
from bench.mix import SERVICES, SIGN_INS, WRITES
from bench.roles import UNLIMITED, Roles
from bench.shop import Shop
from bench.verdicts import Alone, Verdict, verdicts
from ops.errors import Problem
from ops.http import answers
from ops.stack import install
from ops.stack.plan import Plan
from ops.stack.progress import tell
from ops.stack.roster import Roster

DISTRIBUTIONS = ("uniform", "zipf")
CLIENTS_BESIDE = 8
ONLY = {"checkouts": {"customer session": 1}, "dashboards": {"dashboard": 1}}
SESSION = "customer session"
# Events are on their way, and a request that got no answer is at work.
QUIET_SECONDS = 65.0
SHORT_QUIET_SECONDS = 5.0
WARM_UP_SECONDS = 5.0


@dataclass(frozen=True)
class Size:
    seconds: float
    sellers: int
    customers: int
    # By how many of each service there are.
    clients: Mapping[int, tuple[int, ...]]
    quiet: float


FULL = Size(20, 50, 50, {1: (1, 4, 16), 2: (4, 16)}, QUIET_SECONDS)
SHORT = Size(4, 10, 20, {1: (1, 4), 2: (4,)}, SHORT_QUIET_SECONDS)


@dataclass
class Found:
    """What is not there yet was not looked at."""

    size: Size
    runs: list[dict[str, Any]] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


class Marketplace:
    def __init__(self, shop: Shop, size: Size) -> None:
        self.shop, self.size = shop, size
        self.roles = Roles(shop.plan, 1)
        self.found = Found(size)
        self.town: Town | None = None

    @contextmanager
    def open(self, processes: int) -> Iterator[None]:
        told = {**UNLIMITED, **WRITES, **SIGN_INS}
        names = (*SERVICES, "gateway")
        commands = [c for n in names for c in self.roles.service(n, processes, told)]
        url = self.shop.plan.settings.gateway_url
        with self.shop.running(commands):
            for name in names:
                self.shop.await_passing(name, processes)
            self.shop.wait(lambda: answers(f"{url}/readyz"), "a ready gateway")
            if self.town is None:
                self.town = self.settled()
            self.load("uniform", 4, WARM_UP_SECONDS)
            yield

    def settled(self) -> Town:
        size = self.size
        tell(f"Having {size.sellers} shops and {size.customers} customers")
        return Town(self.shop.plan, size.sellers, size.customers)

    def measure(self, keep: Callable[[Found], None]) -> Found:
        """``keep`` is told after each run, as the next may be stopped, or fail."""
        size, found = self.size, self.found
        try:
            for processes, clients in sorted(size.clients.items(), reverse=True):
                with self.open(processes):
                    for each in product(DISTRIBUTIONS, clients):
                        found.runs.append(self.run(processes, *each))
                        keep(found)
                    if processes == 1:
                        self.judge()
        except Exception as trouble:
            if self.shop.stopping.is_set():
                raise
            tell(f"Not measured to its end: {trouble!r}")
            found.missing.append(str(trouble))
        keep(found)
        return found

    def judge(self) -> None:
        alone = self.alone()
        tell("Waiting for all to come to rest, and adding it up")
        self.rest(self.size.quiet)
        told = verdicts(self.shop.plan.variables, self.found.runs, alone)
        self.found.verdicts += told

    def run(self, processes: int, distribution: str, clients: int) -> dict[str, Any]:
        before = self.shop.cpu(cpu.service_of)
        found = self.load(distribution, clients, self.size.seconds)
        used = self.shop.cpu(cpu.service_of).since(before)
        told = found | used | {"distribution": distribution, "clients": clients}
        told["processes"] = processes
        tell(marketplace_report.line(told))
        return told

    def alone(self) -> Alone:
        """A checkout's p99 by itself, and while others ask for dashboards."""
        seconds, checkouts = self.size.seconds, {"shares": ONLY["checkouts"]}
        by_itself = self.load("uniform", 2, seconds, **checkouts)
        busy = self.asked("uniform", CLIENTS_BESIDE, seconds + 1)
        with start("bench.market_load", busy | {"shares": ONLY["dashboards"]}) as other:
            beside = self.load("uniform", 2, seconds, **checkouts)
            json.loads(other.communicate()[0])
        return Alone(p99(by_itself), p99(beside))

    def load(
        self, distribution: str, clients: int, seconds: float, **more: Any
    ) -> dict[str, Any]:
        asked = self.asked(distribution, clients, seconds) | more
        if self.shop.stopping.is_set():
            raise Problem("stopped before everything was measured")
        with start("bench.market_load", asked) as process:
            found: dict[str, Any] = json.loads(process.communicate()[0])
        return found

    def asked(self, distribution: str, clients: int, seconds: float) -> dict[str, Any]:
        told = {"distribution": distribution, "clients": clients, "seconds": seconds}
        if self.town is None:
            raise Problem("nobody is there yet")
        return self.town.asked() | told

    def rest(self, seconds: float) -> None:
        self.shop.stopping.wait(seconds)


def p99(found: dict[str, Any]) -> float:
    return float(found["kinds"].get(SESSION, {}).get("p99", float("inf")))


def measure(
    plan: Plan, size: Size, keep: Callable[[Found], None], roster: Roster, stop: Event
) -> Found:
    return Marketplace(Shop(plan, roster, stop), size).measure(keep)


@click.command()
@click.option(
    "--short", is_flag=True, help="A few seconds in a small town, good for nothing."
)
def main(short: bool) -> None:
    """Run the Online Marketplace's mix and write bench/results/marketplace.md and .png.

    A short look is written to .run/bench/ instead. Both are written anew after each
    run, so that what was measured is kept if it is stopped.
    """
    began, size = monotonic(), SHORT if short else FULL
    where = machine.seen({}) | {
        "Load": "one process of bench.market_load, on the same machine"
    }

    def keep(found: Found) -> None:
        marketplace_report.write(found, where, monotonic() - began, counts=not short)

    with place.private() as plan:
        install.ensure(plan.servers)
        found = place.supervised(plan, partial(measure, plan, size, keep))
    marketplace_report.tell_all(found, counts=not short)


if __name__ == "__main__":
    main()
