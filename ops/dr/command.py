"""`shopnow dr …`: how two regions stand, and what to do when one is gone."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import click

from ops import environment
from ops.dr import promotion, rejoining, status
from ops.dr.regions import Regions
from ops.dr.returned import Returned
from ops.errors import Problem

PLACE = "/dev/shm/shopnow-dr"  # noqa: S108  # nosec B108


@click.group()
def dr() -> None:
    """Two regions: their state, a promotion, and a drill of it.

    SHOPNOW_REGIONS names the file that says where they are; without it, that of the
    run directory is read.
    """


@dr.command("status")
def tell_status() -> None:
    """Show who takes writes, in which epoch, and how far the other one is behind."""
    for line in status.lines(Regions.load()):
        click.echo(line)


@dr.command()
@click.argument("region")
@click.option(
    "--give-up", is_flag=True, help="What was written in the last epoch, if it has to."
)
def promote(region: str, give_up: bool) -> None:
    """Have REGION take the writes, when the other one no longer does."""
    with status.trouble_in_a_line():
        taken = promotion.promote(Regions.load(), region, give_up)
    click.echo(f"{region} takes writes in epoch {taken.number}; start its services")


@dr.command()
@click.argument("region")
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where its PostgreSQL has its data, on this machine.",
)
@click.option("--stop", default="", help="How to stop that, if not by pg_ctl.")
@click.option("--start", default="", help="How to start it, if not by pg_ctl.")
def rejoin(region: str, data: Path, stop: str, start: str) -> None:
    """Have REGION, which has come back, follow the one that takes writes.

    What its PostgreSQL has and no other is given up: copy DATA first if somebody may
    ask for it.
    """
    with status.trouble_in_a_line():
        server = Returned(data, stop, start)
        known = rejoining.rejoin(Regions.load(), region, server)
    click.echo(f"{region} follows {known.region}, in epoch {known.number}")


@dr.command()
@click.option("--fix", is_flag=True, help="Put the pieces back on the shelf.")
def reconcile(fix: bool) -> None:
    """List the orders that were lost with a region, by the pieces kept for them.

    Those that nobody was told of yet are among them.
    """
    # The services' own storage, which the other commands need not load.
    from ops.dr import orphans  # noqa: PLC0415

    environment.load("ORDER_DB_URI", "PRODUCT_MONGO_URI")
    with orphans.catalogue_at(os.environ["PRODUCT_MONGO_URI"]) as catalogue:
        found = orphans.find(os.environ["ORDER_DB_URI"], catalogue)
        if fix:
            orphans.put_back(catalogue, found)
    for each in found:
        click.echo(f"{each.order_id}  {each.pieces} pieces are {each.state}")
    done = ", their pieces are back" if fix and found else ""
    click.echo(f"{len(found)} orders are unknown here{done}")


@dr.command("restore-drill")
@click.option("--seconds", default=15.0, show_default=True, help="Of buying in each.")
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object.")
@click.option("--place", type=click.Path(path_type=Path), default=f"{PLACE}-restore")
def restore_drill(*, seconds: float, as_json: bool, place: Path) -> None:
    """Copy a shop while people buy, go back to a moment of that, and audit it."""
    from ops.dr.drill import restoring  # noqa: PLC0415

    verdict = restoring.perform(place, seconds)
    click.echo(json.dumps(asdict(verdict)) if as_json else restoring.table(verdict))
    click.get_current_context().exit(0 if restoring.is_good(verdict) else 1)


@dr.command()
@click.option(
    "--synchronous",
    is_flag=True,
    help="Have each commit of region-a wait for region-b as well.",
)
@click.option(
    "--standby",
    is_flag=True,
    help="Have it wait for a standby in region-a, and lose the primary first.",
)
@click.option(
    "--distance",
    default=0.04,
    show_default=True,
    help="Seconds that a byte takes from one region to the other.",
)
@click.option("--seconds", default=20.0, show_default=True, help="Of buying in each.")
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object.")
@click.option("--keep", is_flag=True, help="Leave the logs and the data.")
@click.option(
    "--place",
    type=click.Path(path_type=Path),
    default=PLACE,
    show_default=True,
    help="Where both regions keep their data; it must not exist.",
)
def drill(
    *,
    synchronous: bool,
    standby: bool,
    distance: float,
    seconds: float,
    as_json: bool,
    keep: bool,
    place: Path,
) -> None:
    """Build two regions here, kill one while people buy, and measure what was lost."""
    # The load and both regions: not for who only looks at the status.
    from ops.dr.drill import places, report  # noqa: PLC0415

    if synchronous and standby:
        # The standby feeds the other region, which no commit here can wait for then.
        raise Problem("a commit waits for the standby or for the other region")
    waits = places.STANDBY if standby else places.B if synchronous else ""
    verdict = report.perform(place, waits, distance, seconds, keep)
    click.echo(json.dumps(asdict(verdict)) if as_json else report.table(verdict))
    click.get_current_context().exit(0 if report.is_good(verdict) else 1)
