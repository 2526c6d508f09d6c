"""`shopnow migrations`: may what is written run while the shop is open?"""

import click

from ops.errors import Problem
from ops.listing import Listing
from ops.migrate import DATABASES
from ops.schema_changes import released as baseline
from ops.schema_changes.checking import Columns, check
from ops.schema_changes.finding import Finding
from ops.schema_changes.revisions import Revision, revisions


@click.group(cls=Listing)
def migrations() -> None:
    """Check migrations before they run, and note those that have."""


@migrations.command()
def lint() -> None:
    """Refuse what would lock a table for long, or break the release that runs.

    What has been released is taken as it is.  docs/delivery.md tells the rules.
    """
    known, found = baseline.released(), list(revisions())
    if wrong := list(findings(found, known)):
        raise Problem("\n".join(["migrations are refused:", *map(str, wrong)]))
    new = len(found) - len(known)
    click.echo(f"migrations: {len(known)} released, {new} new, nothing blocks")


def findings(found: list[Revision], known: dict[str, str]) -> list[Finding]:
    wrong = list(baseline.changed(found, known))
    for each in found:
        if each.name not in known:
            wrong += check(each, known, columns_of(each.database))
    return wrong


def columns_of(database: str) -> Columns:
    tables = DATABASES[database].base.metadata.tables.values()
    return {(table.name, column.name) for table in tables for column in table.columns}


@migrations.command()
def release() -> None:
    """Note that all migrations that are here have run in production."""
    found = list(revisions())
    baseline.write(found)
    click.echo(f"{len(found)} migrations are released: {baseline.FILE.name}")
