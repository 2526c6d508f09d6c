"""`shopnow chaos`: faults on purpose, to see what the shop does about them."""

import click

from common.chaos import TARGETS
from ops import environment
from ops.config import kv
from ops.config.taken import everywhere
from ops.errors import Problem
from ops.listing import Listing

FOLDER = "chaos/"
ROW = "{:16}  {}"


@click.group(cls=Listing)
def chaos() -> None:
    """Set, list or clear faults of the running shop; local and staging only.

    docs/chaos.md tells what can be set, and what the shop does then.
    """
    environment.load()


@chaos.command("set")
@click.argument("faults", nargs=-1, required=True, metavar="TARGET=FAULT…")
def set_faults(faults: tuple[str, ...]) -> None:
    """Set faults, such as payment=delay:2s or mail=unreachable.

    One target may have several: redis=delay:50ms,error:10
    """
    for each in faults:
        target, equals, text = each.partition("=")
        if not equals:
            raise click.UsageError(f"{each} is not TARGET=FAULT")
        kv.write(FOLDER + target, text)
        told = everywhere(FOLDER + target, text)
        click.echo(f"{target} has {text} {told}")


@chaos.command("list")
def list_faults() -> None:
    """Show the faults that are set."""
    found = set_now()
    for target, text in sorted(found.items()):
        click.echo(ROW.format(target, text))
    if not found:
        click.echo("no fault is set")


@chaos.command()
def targets() -> None:
    """Show what can be done to whom."""
    for target, kinds in TARGETS.items():
        click.echo(ROW.format(target, ", ".join(kinds)))


@chaos.command()
@click.argument("targets", nargs=-1)
def clear(targets: tuple[str, ...]) -> None:
    """Clear the faults of TARGETS, or all."""
    found = set_now()
    for target in targets:
        if target not in TARGETS:
            raise Problem(f"{target} is no target; there are {', '.join(TARGETS)}")
        if target not in found:
            raise Problem(f"{target} has no fault")
    for target in targets or sorted(found):
        kv.remove(FOLDER + target)
        told = everywhere(FOLDER + target, None)
        click.echo(f"{target} is well again {told}")
    if not (targets or found):
        click.echo("no fault is set")


def set_now() -> dict[str, str]:
    _, found = kv.read()
    return {
        name.removeprefix(FOLDER): text
        for name, text in found.items()
        if name.startswith(FOLDER)
    }
