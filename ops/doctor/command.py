"""`shopnow doctor`."""

import json
import os

import click
from rich.console import Console

from ops.doctor import report
from ops.doctor.case import Case
from ops.doctor.examination import examine
from ops.doctor.finding import Standing

PROBLEMS = 1
NOT_RUNNING = 3


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Say it as one JSON object.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Look at the machine and the shop, and say what to do about what is wrong.

    Works before the first start, on a running shop and on a broken one, and changes
    nothing.

    \b
    Exit codes:
      0  nothing is wrong (there may be warnings)
      1  there are problems
      2  the command was used wrongly
      3  nothing is wrong, but the shop does not run, so most was left out
    """
    with Console(stderr=True).status("looking"):
        case = Case.of(os.environ)
        results = examine(case)
    if as_json:
        click.echo(json.dumps(report.document(results, case.runs)))
    else:
        click.echo("\n".join(report.lines(results)))
        if not case.runs:
            click.echo("The shop does not run here; make start")
    if report.counts(results)[Standing.PROBLEM]:
        context.exit(PROBLEMS)
    if not case.runs:
        context.exit(NOT_RUNNING)
