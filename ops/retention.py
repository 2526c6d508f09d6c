"""`shopnow retention`: how long orders stay in the shop, month by month."""

import click
from sqlalchemy import Connection, text

from common.clock import utc_now
from ops import environment
from ops.books import opened
from ops.errors import Problem
from ops.listing import Listing
from order_service.storage import months
from order_service.storage import retention as storage
from order_service.storage.months import Month

# Rather than have those wait who order meanwhile.
MOST_WAIT = "SET LOCAL lock_timeout = '5s'"
# Returns, disputes and dashboards go back that far.
LEAST_MONTHS = 6


@click.group(cls=Listing)
def retention() -> None:
    """See the months that orders are kept in, and take out those that are over."""
    environment.load("ORDER_DB_URI")


@retention.command("list")
def list_months() -> None:
    """Name each month, and what was taken out and is still there."""
    with opened() as session:
        database = session.connection()
        for name, until in months.bounds(database):
            click.echo(f"{name}  ids below {until}")
        for name in storage.archived(database):
            click.echo(f"{name}  archived")


@retention.command()
@click.option(
    "--keep",
    type=click.IntRange(LEAST_MONTHS),
    required=True,
    metavar="MONTHS",
    help="How many whole months stay, beside this one.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def archive(keep: int, dry_run: bool) -> None:
    """Take older months out of the shop, without what they hold of people.

    Their tables stay in the database, for a dump of them; customers and sellers see
    those orders no more, the ledger keeps what was posted of them.  A month with an
    order that is not at its end stays where it is, and so do those after it.
    """
    first = Month.of(utc_now()).plus(-keep)
    with opened() as session:
        found = storage.before(session.connection(), first)
    if not found:
        click.echo(f"nothing is older than {keep} months")
    for old in found:
        become = "to be archived" if dry_run else "archived"
        is_out = old.is_over and (dry_run or take_out(old))
        what = become if is_out else stays(old)
        click.echo(f"{old.name}: {old.orders:,} orders, {what}")
        if not is_out:
            # What is out lies below one id, so no later month goes before it.
            break


@retention.command()
@click.argument("name")
def drop(name: str) -> None:
    """Remove an archived month for good; dump it first: pg_dump -t '*_NAME'."""
    with opened() as session:
        database = briefly(session.connection())
        if name not in storage.archived(database):
            raise Problem(f"{name} is not archived: shopnow retention list")
        storage.drop(database, name)
    click.echo(f"{name} is gone")


def take_out(old: storage.Old) -> bool:
    """Whether it is out; if not, something was begun with one of its orders."""
    with opened() as session:
        storage.forget(briefly(session.connection()), old)
    with opened() as session:
        return storage.detach(briefly(session.connection()), old)


def stays(old: storage.Old) -> str:
    if old.is_over:
        return "stays: something was begun with one of them just now"
    return f"stays: {old.waiting:,} of them are not at their end"


def briefly(database: Connection) -> Connection:
    database.execute(text(MOST_WAIT))
    return database
