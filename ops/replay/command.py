"""`shopnow replay`: sell a file of real invoices once more."""

import json
import os
from pathlib import Path
from time import monotonic

import click

from ops import environment
from ops.errors import Problem
from ops.replay import invoices, limits, progress
from ops.replay.accounts import Accounts
from ops.replay.crew import Crew
from ops.replay.invoices import Book
from ops.replay.refusals import Refused, Unreachable
from ops.replay.run import Run
from ops.replay.sellers import sign_in_admin
from ops.replay.shop import Shop
from ops.replay.source import UnreadableFile
from ops.replay.summary import Summary

INTERRUPTED = 130


class BadFile(Problem):
    exit_code = 2


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object.")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="Requests under way at the same time.",
)
@click.pass_context
def replay(ctx: click.Context, file: Path, as_json: bool, concurrency: int) -> None:
    """Play the invoices of FILE (csv or csv.gz) through the gateway.

    The same file can be played again. An invoice is ordered once for its
    customer, for as long as the shop keeps the keys of orders. Stock is raised
    by what the file sells, once per file content: a changed file raises it
    again for the products it sells otherwise.
    """
    began = monotonic()
    try:
        summary = play(book_of(file), concurrency)
    except KeyboardInterrupt:
        click.echo("interrupted; the same file again goes on from here", err=True)
        ctx.exit(INTERRUPTED)
    summary.seconds = monotonic() - began
    report(summary, as_json)
    ctx.exit(summary.exit_code)


def book_of(file: Path) -> Book:
    try:
        return invoices.read(file)
    except UnreadableFile as exc:
        why = f"cannot read {click.format_filename(file)}: {exc}"
        raise BadFile(why) from None


def play(book: Book, concurrency: int) -> Summary:
    """Sell what the shop can take; the rest fails before anything is made for it."""
    refused = limits.refusals(book)
    summary = sell(book.without(refused), concurrency)
    summary.failures = refused | summary.failures
    return summary


def sell(book: Book, concurrency: int) -> Summary:
    environment.load()
    if not book.invoices:
        return Summary.of(book)
    try:
        return run_of(book, concurrency)
    except Unreachable as exc:
        raise Problem(f"no gateway at {exc.url}; is it running? make start") from None
    except Refused as exc:
        raise Problem(str(exc)) from None


def run_of(book: Book, concurrency: int) -> Summary:
    accounts = Accounts(setting("REPLAY_SECRET"))
    shop = Shop(setting("SHOPNOW_URL"), concurrency)
    admin = sign_in_admin(shop, environment.run_dir())
    run = Run(book, shop, accounts, Crew(concurrency), progress.for_stderr())
    return run.play(admin)


def setting(name: str) -> str:
    if value := os.environ.get(name):
        return value
    file = environment.run_dir() / "env"
    if file.exists():
        raise Problem(f"{name} is not set, and not in {file}; make start writes it")
    raise Problem(f"{name} is not set and nothing runs here; run make start first")


def report(summary: Summary, as_json: bool) -> None:
    for complaint in summary.complaints():
        click.echo(complaint, err=True)
    click.echo(json.dumps(summary.document()) if as_json else summary.table())
