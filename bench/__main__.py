"""`python -m bench`: start a private stack, measure, stop it, write the report."""

from functools import partial
from threading import Event
from time import monotonic

import click

from bench import machine, place, report
from bench.shop import Shop
from bench.wire import Wire
from ops.stack import debian, install, programs
from ops.stack.plan import Plan
from ops.stack.roster import Roster

FULL_SECONDS = 10


@click.command()
@click.option(
    "--seconds",
    type=click.IntRange(1, 60),
    default=FULL_SECONDS,
    show_default=True,
    help="How long each variant is loaded; an echo 6 at the most.",
)
def main(seconds: int) -> None:
    """Measure the wire and write bench/results/wire.md and wire.png.

    A shorter look is written to .run/bench/ instead.
    """
    began = monotonic()
    with place.private() as plan:
        get_programs(plan)
        wire = place.supervised(plan, partial(measure, plan, seconds))
    where = machine.seen(wire.versions)
    kept = report.RESULTS if seconds >= FULL_SECONDS else report.QUICK_LOOKS
    report.write(wire.measured, where, monotonic() - began, kept)


def get_programs(plan: Plan) -> None:
    install.ensure(plan.servers)
    if programs.find("wrk") is None:
        debian.install(["wrk"])


def measure(plan: Plan, seconds: int, roster: Roster, stopping: Event) -> Wire:
    wire = Wire(Shop(plan, roster, stopping), seconds)
    wire.run()
    return wire


if __name__ == "__main__":
    main()
