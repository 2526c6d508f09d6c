"""`python -m bench.overhead`: what telemetry costs: all of it on, against all off."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic

import click

from bench import machine, overhead_report, paths, place, wrk
from bench.__main__ import get_programs
from bench.buying import Buying
from bench.measurement import Measurement
from bench.meter import MORE_SECONDS, WARM_UP_SECONDS, shown
from bench.overhead_report import Round
from bench.roles import NO_CACHE, UNLIMITED, Roles
from bench.shop import Shop
from ops.http import answers
from ops.stack.plan import Plan
from ops.stack.progress import tell
from ops.stack.roster import Roster

SECONDS = 8
# Taken in turns, so that what else the machine does falls on both.
ROUNDS = 3
BUYERS = 8
ORDERS = Path(__file__).parent / "orders.lua"
WRITES = {"WRITE_QUOTA": "1000000000"}
SERVICES = ("user_service", "product_service", "order_service")


class Overhead:
    def __init__(self, shop: Shop, seconds: int) -> None:
        self.shop, self.seconds = shop, seconds
        self.roles = Roles(shop.plan, seconds)
        self.url = shop.plan.settings.gateway_url
        self.run_dir = shop.plan.run_dir
        self.telemetry: dict[str, Mapping[str, str]] = {
            "off": {
                "LOG_LEVEL": "WARNING",
                "METRICS": "off",
                "OTEL_SDK_DISABLED": "true",
            },
            "on": {
                "LOG_LEVEL": "INFO",
                "METRICS": "on",
                "OTEL_SDK_DISABLED": "false",
                "OTEL_TRACES_SAMPLER_ARG": "0.1",
            },
        }

    def run(self) -> list[Round]:
        tell(f"Measuring {ROUNDS} rounds, each with telemetry off and on")
        with self.services("off"), self.gateway("off"):
            self.buying = Buying(self.url, self.run_dir)
            products = paths.read_catalogue(self.url).products
        self.reads = paths.write(products, self.run_dir / "paths")
        return [self.round(number) for number in range(ROUNDS)]

    def round(self, number: int) -> Round:
        """Every other one the other way round: what comes second finds more data."""
        order = ("off", "on") if number % 2 == 0 else ("on", "off")
        return {which: self.measured(which) for which in order}

    def measured(self, which: str) -> dict[str, Measurement]:
        with self.services(which):
            with self.gateway(which, NO_CACHE):
                uncached = self.load(f"product, {which}", self.reads)
            with self.gateway(which):
                cached = self.load(f"product, cached, {which}", self.reads)
                orders = self.order(which)
        return {"uncached": uncached, "cached": cached, "order": orders}

    def order(self, which: str) -> Measurement:
        file = paths.write(self.buying.lines(), self.run_dir / "orders")
        return self.load(f"order, {which}", file, ORDERS, BUYERS)

    def load(
        self,
        title: str,
        file: Path,
        script: Path = wrk.SCRIPT,
        connections: int = wrk.CONNECTIONS,
    ) -> Measurement:
        ask = partial(wrk.words, self.url, file, script=script, connections=connections)
        self.shop.load(ask(WARM_UP_SECONDS), MORE_SECONDS)
        before = self.shop.cpu()
        said = self.shop.load(ask(self.seconds), self.seconds + MORE_SECONDS)
        used = self.shop.cpu().since(before)
        return shown(Measurement(title, **used, **wrk.parse(said)))

    @contextmanager
    def services(self, which: str) -> Iterator[None]:
        commands = [
            command
            for name in SERVICES
            for command in self.roles.service(name, 1, self.telemetry[which])
        ]
        with self.shop.running(commands):
            for name in SERVICES:
                self.shop.await_passing(name, 1)
            yield

    @contextmanager
    def gateway(self, which: str, settings: Mapping[str, str] = {}) -> Iterator[None]:
        told = {**UNLIMITED, **WRITES, **settings, **self.telemetry[which]}
        with self.shop.running(self.roles.service("gateway", 1, told)):
            self.shop.wait(lambda: answers(f"{self.url}/readyz"), "a ready gateway")
            yield


@click.command()
@click.option(
    "--seconds",
    type=click.IntRange(1, 60),
    default=SECONDS,
    show_default=True,
    help="How long each kind of request is made, each time.",
)
def main(seconds: int) -> None:
    """Measure what telemetry costs and write bench/results/overhead.md.

    A shorter look is written to .run/bench/ instead.
    """
    began = monotonic()
    with place.private() as plan:
        get_programs(plan)
        rounds = place.supervised(plan, partial(measure, plan, seconds))
    where = machine.seen({})
    took, counts = monotonic() - began, seconds >= SECONDS
    overhead_report.write(rounds, where, took, counts)


def measure(plan: Plan, seconds: int, roster: Roster, stopping: Event) -> list[Round]:
    return Overhead(Shop(plan, roster, stopping), seconds).run()


if __name__ == "__main__":
    main()
