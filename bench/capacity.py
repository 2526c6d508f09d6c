"""`python -m bench.capacity`: what the shop's mix costs, and how much it bears."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
from ops.stack.progress import tell
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
    seconds=10,
    products=(1_000, 10_000, 100_000),
    orders=(100_000, 1_000_000),
    calm=100,
    clients=(1, 2, 4, 8, 16, 32),
    first=50,
    finer=2,
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


@dataclass
class Found:
    """Looks at one thing that changes, all else being equal; what is not there yet
    was not looked at."""

    sizes: list[Look] = field(default_factory=list)
    orders: list[Look] = field(default_factory=list)
    rates: dict[int, list[Look]] = field(default_factory=dict)
    clients: dict[int, list[Look]] = field(default_factory=dict)
    # CPU-seconds a second while nobody asks, of each service.
    idle: dict[int, Mapping[str, float]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def under_load(mix: Mix, size: Size, found: Found, processes: int) -> None:
    mix.stock(min(OF_THE_MIX, size.products[-1]))
    with mix.open(processes):
        found.idle[processes] = mix.wake()
        found.rates[processes] = climb(mix.look, size.first, size.finer)
        found.clients[processes] = [mix.look(clients=n) for n in size.clients]


def with_products(mix: Mix, size: Size, found: Found) -> None:
    mix.stock(size.products[0])
    with mix.open(processes=1):
        mix.wake()
        for products in size.products:
            mix.stock(products)
            found.sizes.append(mix.look(size.calm))


def with_orders(mix: Mix, size: Size, found: Found) -> None:
    mix.stock(min(OF_THE_MIX, size.products[-1]))
    with mix.open(processes=1):
        mix.wake()
        found.orders.append(mix.look(size.calm))
        for count in size.orders:
            mix.add_orders(count)
            found.orders.append(mix.look(size.calm))


def measure(
    plan: Plan, size: Size, keep: Callable[[Found], None], roster: Roster, stop: Event
) -> Found:
    """``keep`` is told after each part, as the next may be stopped, or fail."""
    mix, found = Mix(Shop(plan, roster, stop), size.seconds), Found()
    parts = {
        "load, one of each": partial(under_load, mix, size, found, 1),
        "load, two of each": partial(under_load, mix, size, found, 2),
        "orders": partial(with_orders, mix, size, found),
        "products": partial(with_products, mix, size, found),
    }
    for name, part in parts.items():
        try:
            part()
        except Exception as trouble:
            # Whatever it is, the other parts may be measured all the same.
            if stop.is_set():
                raise
            tell(f"Not measured: {name}: {trouble!r}")
            found.missing.append(f"{name}: {trouble}")
        keep(found)
    return found


@click.command()
@click.option(
    "--short", is_flag=True, help="A few seconds of little data, good for nothing else."
)
def main(short: bool) -> None:
    """Measure the shop's mix and write bench/results/capacity.md and capacity.png.

    A short look is written to .run/bench/ instead. Both are written anew after each
    part, so a run that was stopped leaves what it has measured.
    """
    began, size = monotonic(), SHORT if short else FULL
    where = machine.seen({}) | {
        "Load": "one process of bench.open_load, on the same machine"
    }

    def keep(found: Found) -> None:
        capacity_report.write(found, where, monotonic() - began, counts=not short)

    with place.private() as plan:
        install.ensure(plan.servers)
        found = place.supervised(plan, partial(measure, plan, size, keep))
    capacity_report.tell_all(found)


if __name__ == "__main__":
    main()
