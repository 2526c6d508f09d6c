"""`shopnow stack …`: run, start, stop, status, reset and install."""

import os
from collections.abc import Callable, Sequence

import click

from ops import environment
from ops.errors import Problem
from ops.listing import Listing
from ops.stack import console, detached, ending, given, install, report
from ops.stack.condition import conditions, written_in
from ops.stack.logs import Follower
from ops.stack.plan import Plan
from ops.stack.progress import tell
from ops.stack.roster import Roster
from ops.stack.servers import Servers
from ops.stack.services import SERVICES
from ops.stack.settings import Settings
from ops.stack.state import State
from ops.stack.supervisor import Supervisor

NOT_RUNNING = 3
parts = click.argument("only", nargs=-1, metavar="[PART]...")


@click.group(cls=Listing)
def stack() -> None:
    """Run the shop on this machine, privately, under `.run/`."""


@stack.command()
@parts
@click.option("--detached", "quiet", is_flag=True, hidden=True)
def run(only: tuple[str, ...], quiet: bool) -> None:
    """Start everything, or the PARTs, and follow the logs until Ctrl-C."""
    plan = prepare(only)
    Supervisor(plan).run(stay_quiet if quiet else show_and_follow)


@stack.command()
@parts
def start(only: tuple[str, ...]) -> None:
    """Start everything, or the PARTs, in the background."""
    settings = Settings.load(os.environ)
    state = State.read(settings.run_dir)
    if state.is_open(only):
        report.show_addresses(state, settings.run_dir)
        tell(f"already running: {state.summary()}")
        return
    plan = prepare(only)
    detached.start(plan.run_dir, only)
    report.show_addresses(State.read(plan.run_dir), plan.run_dir)


@stack.command()
def stop() -> None:
    """Stop it, or what a killed supervisor has left."""
    if not ending.stop(Settings.load(os.environ).run_dir):
        tell("Not running")


@stack.command()
@parts
@click.pass_context
def status(context: click.Context, only: tuple[str, ...]) -> None:
    """Show what runs, or the PARTs of it; exit code 3 when not all of it does."""
    settings = Settings.load(os.environ)
    state = State.read(settings.run_dir)
    absent = absent_parts(state, settings, only)
    found = []
    if state.keeper() or any(state.left_over()):
        found = conditions(state, environment.here(), only)
        report.show_processes(found)
    for name in absent:
        tell(f"{name} is not running")
    tell(state.summary())
    is_fine = bool(found) and all(each.is_fine for each in found)
    if absent or not is_fine or state.phase != "ready":
        context.exit(NOT_RUNNING)


def absent_parts(state: State, settings: Settings, only: Sequence[str]) -> list[str]:
    """Those of ``only`` that were not started; raise for what could not be."""
    names = {each["name"] for each in written_in(state)}
    running = names | {name.partition(".")[0] for name in names}
    servers = vars(Servers(settings, {}))
    known = {console.NAME, *servers, *(service.name for service in SERVICES)}
    for name in only:
        if name not in known | running:
            raise Problem(f"there is no {name}; there are {', '.join(sorted(known))}")
    return [name for name in only if name not in running]


@stack.command()
def reset() -> None:
    """Stop it and remove all of its data."""
    ending.wipe(Settings.load(os.environ).run_dir)


@stack.command("install")
@parts
def install_programs(only: tuple[str, ...]) -> None:
    """Get the programs that are missing, and start nothing."""
    install.ensure(Plan(Settings.load(os.environ), only).servers)


def prepare(only: tuple[str, ...]) -> Plan:
    settings = Settings.load(os.environ)
    demand_stopped(settings)
    given.demand_reachable(settings.given)
    plan = Plan(settings, only)
    # What a killed supervisor has left holds ports, and is ended before they are taken.
    if not any(State.read(settings.run_dir).left_over()):
        plan.demand_ports()
    install.ensure(plan.servers)
    return plan


def demand_stopped(settings: Settings) -> None:
    state = State.read(settings.run_dir)
    if state.keeper():
        report.show_addresses(state, settings.run_dir)
        raise Problem(f"already running: {state.summary()}")


def stay_quiet(roster: Roster) -> Callable[[], None]:
    return lambda: None


def show_and_follow(roster: Roster) -> Callable[[], None]:
    report.show_addresses(roster.state, roster.run_dir)
    tell("Ctrl-C stops everything.  From here on, the services speak:")
    children = {child.name: child for child in roster.crew.children}
    return Follower({n: (c.log, c.log_start) for n, c in children.items()}).print_news
