"""`shopnow dr …`: how two regions stand, and what to do when one is gone."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from ops import environment
from ops.dr import drills, promotion, regions, rejoining, status
from ops.dr.regions import Regions
from ops.dr.returned import Returned
from ops.listing import Listing


@click.group(cls=Listing)
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
@click.option(
    "--it-is-gone",
    is_flag=True,
    help="The other PostgreSQL is stopped, though its address does not say so.",
)
def promote(region: str, give_up: bool, it_is_gone: bool) -> None:
    """Have REGION take the writes, when the other one no longer does.

    Nobody is there if the connection is refused, has no route or times out.
    """
    with status.trouble_in_a_line():
        taken = promotion.promote(
            Regions.load(), region, gives_up=give_up, is_gone=it_is_gone
        )
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
@click.option(
    "--older-than",
    type=click.IntRange(0),
    default=5,
    show_default=True,
    metavar="MINUTES",
    help="Of younger orders nothing is said.",
)
def reconcile(fix: bool, older_than: int) -> None:
    """List the orders that were lost with a region, by the pieces kept for them.

    Those that nobody was told of yet are among them.  ORDER_DB_URI and
    PRODUCT_MONGO_URI have to be of the region that takes writes, by the file of the
    regions; without one, --fix takes servers of the local stack only.
    """
    # The services' own storage, which the other commands need not load.
    from ops.dr import belonging, orphans  # noqa: PLC0415

    environment.load("ORDER_DB_URI", "PRODUCT_MONGO_URI")
    orders = os.environ["ORDER_DB_URI"]
    before = orphans.id_at(datetime.now(UTC) - timedelta(minutes=older_than))
    with (
        status.trouble_in_a_line(),
        orphans.catalogue_at(os.environ["PRODUCT_MONGO_URI"]) as catalogue,
    ):
        if regions.are_told():
            belonging.demand_leading(Regions.load(), orders, catalogue.client)
        elif fix:
            belonging.demand_own(os.environ)
        found = orphans.find(orders, catalogue, before)
        if fix:
            orphans.put_back(catalogue, found)
    for each in found:
        click.echo(f"{each.order_id}  {each.pieces} pieces are {each.state}")
    done = ", their pieces are back" if fix and found else ""
    click.echo(f"{len(found)} orders are unknown here{done}")


dr.add_command(drills.drill)
dr.add_command(drills.restore_drill)
