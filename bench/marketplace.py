"""`python -m bench.marketplace`: the Online Marketplace benchmark against the shop."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
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
WARM_UP_SECONDS = 3.0


@dataclass(frozen=True)
class Size:
    seconds: float
    sellers: int
    customers: int
    clients: tuple[int, ...]
    quiet: float


FULL = Size(60, 100, 100, (1, 4, 8, 16), QUIET_SECONDS)
SHORT = Size(4, 10, 20, (4,), SHORT_QUIET_SECONDS)


@dataclass(frozen=True)
class Found:
    runs: list[dict[str, Any]]
    verdicts: list[Verdict]
    size: Size


class Marketplace:
    def __init__(self, shop: Shop, size: Size) -> None:
        self.shop, self.size = shop, size
        self.roles = Roles(shop.plan, 1)

    @contextmanager
    def open(self) -> Iterator[None]:
        told = {**UNLIMITED, **WRITES, **SIGN_INS}
        names = (*SERVICES, "gateway")
        commands = [c for n in names for c in self.roles.service(n, 1, told)]
        url = self.shop.plan.settings.gateway_url
        with self.shop.running(commands):
            for name in names:
                self.shop.await_passing(name, 1)
            self.shop.wait(lambda: answers(f"{url}/readyz"), "a ready gateway")
            yield

    def measure(self) -> Found:
        with self.open():
            size = self.size
            tell(f"Having {size.sellers} shops and {size.customers} customers")
            self.town = Town(self.shop.plan, size.sellers, size.customers)
            self.load("uniform", 4, WARM_UP_SECONDS)
            runs = [
                self.run(each, clients)
                for each in DISTRIBUTIONS
                for clients in size.clients
            ]
            alone = self.alone()
            tell("Waiting for all to come to rest, and adding it up")
            self.rest(size.quiet)
            found = list(verdicts(self.shop.plan.variables, runs, alone))
        return Found(runs, found, size)

    def run(self, distribution: str, clients: int) -> dict[str, Any]:
        before = self.shop.cpu(cpu.service_of)
        found = self.load(distribution, clients, self.size.seconds)
        used = self.shop.cpu(cpu.service_of).since(before)
        told = found | used | {"distribution": distribution, "clients": clients}
        tell(marketplace_report.line(told))
        return told

    def alone(self) -> Alone:
        """A checkout's p99 by itself, and while others ask for dashboards."""
        seconds, checkouts = self.size.seconds / 2, {"shares": ONLY["checkouts"]}
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
        with start("bench.market_load", asked) as process:
            found: dict[str, Any] = json.loads(process.communicate()[0])
        return found

    def asked(self, distribution: str, clients: int, seconds: float) -> dict[str, Any]:
        told = {"distribution": distribution, "clients": clients, "seconds": seconds}
        return self.town.asked() | told

    def rest(self, seconds: float) -> None:
        self.shop.stopping.wait(seconds)


def p99(found: dict[str, Any]) -> float:
    return float(found["kinds"].get(SESSION, {}).get("p99", float("inf")))


def measure(plan: Plan, size: Size, roster: Roster, stopping: Event) -> Found:
    return Marketplace(Shop(plan, roster, stopping), size).measure()


@click.command()
@click.option(
    "--short", is_flag=True, help="A few seconds in a small town, good for nothing."
)
def main(short: bool) -> None:
    """Run the Online Marketplace's mix and write bench/results/marketplace.md.

    A short look is written to .run/bench/ instead.
    """
    began, size = monotonic(), SHORT if short else FULL
    with place.private() as plan:
        install.ensure(plan.servers)
        found = place.supervised(plan, partial(measure, plan, size))
    load = {"Load": "one process of bench.market_load, on the same machine"}
    where = machine.seen({}) | load
    marketplace_report.write(found, where, monotonic() - began, counts=not short)


if __name__ == "__main__":
    main()
