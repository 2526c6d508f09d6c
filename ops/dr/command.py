"""`shopnow dr …`: how two regions stand, and what to do when one is gone."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from ops.dr import promotion, status
from ops.dr.regions import Regions

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
def promote(region: str) -> None:
    """Have REGION take the writes, when the other one no longer does."""
    taken = promotion.promote(Regions.load(), region)
    click.echo(f"{region} takes writes in epoch {taken.number}; start its services")


@dr.command()
@click.option(
    "--synchronous",
    is_flag=True,
    help="Have each commit of region-a wait for region-b as well.",
)
@click.option(
    "--seconds", default=20.0, show_default=True, help="Buying before, after."
)
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
    synchronous: bool, seconds: float, as_json: bool, keep: bool, place: Path
) -> None:
    """Build two regions here, kill one while people buy, and measure what was lost."""
    # The load and both regions: not for who only looks at the status.
    from ops.dr.drill import report  # noqa: PLC0415

    verdict = report.perform(place, synchronous, seconds, keep)
    click.echo(json.dumps(asdict(verdict)) if as_json else report.table(verdict))
    click.get_current_context().exit(0 if report.is_good(verdict) else 1)
