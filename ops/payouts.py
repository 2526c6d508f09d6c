"""`shopnow payouts`: pay the sellers what they are owed, batch by batch."""

import json
from datetime import UTC, datetime
from typing import Any

import click

from common.clock import utc_now
from common.ids import new_id
from common.money import Money
from common.schemas import iso
from ops import environment
from ops.books import in_words, opened
from ops.errors import Problem
from ops.listing import Listing
from order_service.domain.payouts import Batch
from order_service.storage.payouts import PayoutRepository

AS_JSON = click.option("--json", "as_json", is_flag=True, help="As one JSON object.")


class Moment(click.ParamType):
    """ISO 8601, of UTC unless it says otherwise."""

    name = "moment"

    def convert(self, value: Any, *where: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a moment like 2026-01-31T00:00:00Z", *where)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.group(cls=Listing)
def payouts() -> None:
    """Pay the sellers, and look at what was paid."""
    environment.load("ORDER_DB_URI")


@payouts.command()
@click.option("--until", type=Moment(), help="For what was sold before; now if absent.")
@AS_JSON
def run(until: datetime | None, as_json: bool) -> None:
    """Pay each seller who is owed something, in one batch that is closed for good.

    What went back to customers is off, also what went back since a seller was paid:
    who owes the marketplace is paid again once their sales have made up for it.
    Run again at once, it pays nothing.
    """
    now = utc_now()
    until = until or now
    if until > now:
        raise Problem(f"{iso(until)} is still to come")
    with opened() as session:
        batch = PayoutRepository(session).run(iter(new_id, None), until, now)
    if as_json:
        click.echo(json.dumps({"batch": document(batch) if batch else None}))
    else:
        click.echo(in_full(batch) if batch else "nobody is owed anything")


@payouts.command("list")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@AS_JSON
def list_batches(limit: int, as_json: bool) -> None:
    """Show the last batches, the newest first."""
    with opened() as session:
        batches = PayoutRepository(session).list(limit)
    if as_json:
        click.echo(json.dumps({"items": [document(batch) for batch in batches]}))
        return
    for batch in batches:
        click.echo(in_a_line(batch))


@payouts.command()
@click.argument("batch_id")
@AS_JSON
def show(batch_id: str, as_json: bool) -> None:
    """Show who was paid how much in the batch BATCH_ID."""
    with opened() as session:
        batch = PayoutRepository(session).find(batch_id)
    if batch is None:
        raise Problem(f"there is no batch {batch_id}; shopnow payouts list")
    click.echo(json.dumps(document(batch)) if as_json else in_full(batch))


def document(batch: Batch) -> dict[str, Any]:
    paid = [
        {
            "id": payout.id,
            "seller_id": payout.seller_id,
            "amount": vars(payout.amount),
        }
        for payout in batch.payouts
    ]
    return {
        "id": batch.id,
        "until": iso(batch.until),
        "closed_at": iso(batch.closed_at),
        "total": vars(total(batch)),
        "payouts": paid,
    }


def in_full(batch: Batch) -> str:
    paid = [
        f"  {payout.seller_id}  {in_words(payout.amount):>20}"
        for payout in batch.payouts
    ]
    return "\n".join(
        [f"batch {batch.id} until {iso(batch.until)}", *paid, f"  {rest(batch)}"]
    )


def in_a_line(batch: Batch) -> str:
    closed = batch.closed_at.astimezone(UTC)
    return f"{batch.id}  {closed:%Y-%m-%d %H:%M}  {rest(batch)}"


def rest(batch: Batch) -> str:
    return f"{len(batch.payouts)} paid  {in_words(total(batch))}"


def total(batch: Batch) -> Money:
    amounts = [payout.amount for payout in batch.payouts]
    return sum(amounts[1:], amounts[0])
