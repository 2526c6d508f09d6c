"""`shopnow dr drill` and `restore-drill`: the plans, tried on one machine."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from ops.errors import Problem

PLACE = "/dev/shm/shopnow-dr"  # noqa: S108  # nosec B108


@click.command("restore-drill")
@click.option("--seconds", default=15.0, show_default=True, help="Of buying in each.")
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object.")
@click.option(
    "--place",
    type=click.Path(path_type=Path),
    default=f"{PLACE}-restore",
    show_default=True,
    help="Where it keeps its data; it must not exist.",
)
def restore_drill(*, seconds: float, as_json: bool, place: Path) -> None:
    """Copy a shop while people buy, go back to a moment of that, and audit it."""
    from ops.dr.drill import restoring  # noqa: PLC0415

    verdict = restoring.perform(place, seconds)
    click.echo(json.dumps(asdict(verdict)) if as_json else restoring.table(verdict))
    click.get_current_context().exit(0 if restoring.is_good(verdict) else 1)


@click.command()
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
