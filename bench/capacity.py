"""`python -m bench.capacity`: what the shop's mix costs, and how much it bears."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event
from time import monotonic

import click

from bench import capacity_report, machine, place
from bench.look import Look
from bench.mix import Mix, climb
from bench.shop import Shop
from ops.stack import install
from ops.stack.plan import Plan
from ops.stack.roster import Roster


@dataclass(frozen=True)
class Size:
    """How much is looked at: sizes of the data, rates, and clients at a time."""

    seconds: float
    products: Sequence[int]
    orders: Sequence[int]
    # Far from saturation, so that it is the cost that is seen.
    calm: float
    clients: Sequence[int]
    first: float
    finer: int


FULL = Size(
    seconds=15,
    products=(1_000, 10_000, 100_000),
    orders=(100_000, 1_000_000),
    calm=150,
    clients=(1, 2, 4, 8, 16, 32, 64),
    first=100,
    finer=3,
)
SHORT = Size(
    seconds=3,
    products=(1_000, 2_000),
    orders=(10_000,),
    calm=50,
    clients=(1, 2, 4, 8),
    first=100,
    finer=0,
)
# The mix asks for ten thousand.
OF_THE_MIX = 10_000


@dataclass(frozen=True)
class Found:
    """Looks at one thing that changes, all else being equal."""

    sizes: list[Look]
    orders: list[Look]
    rates: dict[int, list[Look]]
    clients: dict[int, list[Look]]


def measure(plan: Plan, size: Size, roster: Roster, stopping: Event) -> Found:
    mix = Mix(Shop(plan, roster, stopping), size.seconds)
    rates: dict[int, list[Look]] = {}
    clients: dict[int, list[Look]] = {}
    sizes, orders = [], []
    with mix.open(processes=1):
        for products in size.products:
            mix.stock(products)
            sizes.append(mix.look(size.calm))
        mix.stock(min(OF_THE_MIX, size.products[-1]))
        rates[1] = climb(mix.look, size.first, size.finer)
        clients[1] = [mix.look(clients=n) for n in size.clients]
    with mix.open(processes=2):
        rates[2] = climb(mix.look, size.first, size.finer)
        clients[2] = [mix.look(clients=n) for n in size.clients]
    with mix.open(processes=1):
        orders.append(mix.look(size.calm))
        for count in size.orders:
            mix.add_orders(count)
            orders.append(mix.look(size.calm))
    return Found(sizes, orders, rates, clients)


@click.command()
@click.option(
    "--short", is_flag=True, help="A few seconds of little data, good for nothing else."
)
def main(short: bool) -> None:
    """Measure the shop's mix and write bench/results/capacity.md and capacity.png.

    A short look is written to .run/bench/ instead.
    """
    began, size = monotonic(), SHORT if short else FULL
    with place.private() as plan:
        install.ensure(plan.servers)
        found = place.supervised(plan, partial(measure, plan, size))
    load = {"Load": "one process of bench.open_load, on the same machine"}
    where = machine.seen({}) | load
    capacity_report.write(found, where, monotonic() - began, counts=not short)


if __name__ == "__main__":
    main()
