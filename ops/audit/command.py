"""`shopnow audit`: whether the books add up, and if not, where."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import click
from rich.console import Console

from ops import environment
from ops.audit.checks import CHECKS, counts
from ops.audit.faults import Violation
from ops.audit.looks import look
from ops.audit.stores import CATALOGUE, RELATIONAL, Stores

VIOLATED = 1


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Say it as one JSON object.")
@click.option(
    "--fix-report",
    "with_remedies",
    is_flag=True,
    help="Under each violation, say what would put it right.",
)
@click.pass_context
def audit(context: click.Context, as_json: bool, with_remedies: bool) -> None:
    """Add up stock, orders, payments, the ledger and events, from the stores.

    One line tells that all is well; otherwise there is a line for each violation,
    and the exit code is 1.  The shop may run meanwhile: what looks wrong is looked
    at again, and what is under way has a minute.  Nothing is ever changed.
    """
    environment.load(*RELATIONAL.values(), CATALOGUE)
    with closing(Stores(os.environ)) as stores, progress() as tell:
        violations = look(CHECKS, stores.view, tell)
        tell("counting")
        with stores.view() as view:
            checked = counts(view)
    if as_json:
        click.echo(json.dumps(document(checked, violations)))
    else:
        tell_all(checked, violations, with_remedies)
    context.exit(VIOLATED if violations else 0)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """What is gone through at the moment, for a person who waits."""
    with Console(stderr=True).status("audit") as status:
        yield lambda title: status.update(f"audit: {title}")


def tell_all(
    checked: dict[str, int], violations: list[Violation], with_remedies: bool
) -> None:
    for each in violations:
        click.echo(f"{each.kind}  {each.subject}  {each.sentence}")
        if with_remedies:
            click.echo(f"    {each.remedy}")
    if not violations:
        click.echo(f"all adds up: {', '.join(amounts(checked))}")


def amounts(checked: dict[str, int]) -> Iterator[str]:
    for name, number in checked.items():
        yield f"{number:,} {name.replace('_', ' ')}"


def document(checked: dict[str, int], violations: list[Violation]) -> dict[str, object]:
    return {
        "clean": not violations,
        "checked": checked,
        "violations": [vars(each) for each in violations],
    }
