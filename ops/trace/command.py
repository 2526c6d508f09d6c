"""`shopnow trace`: what became of a request, process by process."""

from datetime import datetime
from pathlib import Path

import click

from ops import environment
from ops.errors import Problem
from ops.trace.reading import NS, Span, Traces
from ops.trace.tree import Row, duration, tree

# A row has 80 columns: what, a bar of when, and how long.
TITLE, BAR, TOOK = 50, 20, 8
INDENT = "  "
LATEST = 20
REQUEST_ID = "shopnow.request_id"


@click.command()
@click.argument("name", metavar="[REQUEST-ID|TRACE-ID]", default="")
@click.option("--errors", is_flag=True, help="List only those that failed.")
def trace(name: str, errors: bool) -> None:
    """Show what became of a request, by its X-Request-Id or the id of its trace.

    Without an id, list the latest requests that left a trace.
    """
    folder = environment.run_dir() / "traces"
    if name:
        show(name, folder)
    else:
        show_latest(folder, errors)


def show(name: str, folder: Path) -> None:
    rows = tree(Traces(folder).find(name))
    if not rows:
        raise Problem(
            f"there is no trace of {name} in {folder}: it was not sampled "
            "(OTEL_TRACES_SAMPLER_ARG), was answered from memory, or is too old"
        )
    click.echo(heading(rows))
    for row in rows:
        click.echo(line(row))


def show_latest(folder: Path, errors: bool) -> None:
    found = Traces(folder).latest(LATEST, errors)
    if not found:
        raise Problem(f"no {'request that failed' if errors else 'trace'} in {folder}")
    for span in found:
        row = Row(span, 0, 0, 0)
        title = clipped(row.title.removeprefix("gateway: "), 32)
        text = f"{clock(span)} {span['trace']} {title:32} {row.took:>5}"
        click.echo(click.style(text, fg="red") if row.failed else text)


def heading(rows: list[Row]) -> str:
    spans = [row.span for row in rows]
    begin = min(spans, key=lambda span: span["start"])
    end = max(span["start"] + span["ns"] for span in spans)
    processes = {(span["service"], span["process"]) for span in spans}
    requests = {span["attributes"].get(REQUEST_ID) for span in spans} - {None}
    lines = [f"trace    {begin['trace']}"]
    lines += [f"request  {request}" for request in sorted(requests)]
    took = duration(end - begin["start"])
    lines += [
        f"         {clock(begin)}, {took}, spans: {len(spans)}, "
        f"processes: {len(processes)}",
        "",
    ]
    return "\n".join(lines)


def clock(span: Span) -> str:
    return f"{datetime.fromtimestamp(span['start'] / NS):%H:%M:%S}"


def line(row: Row) -> str:
    mark = "✗ " if row.failed else ""
    told = f" {mark}{row.outcome}" if row.outcome else ""
    title = clipped(f"{INDENT * min(row.depth, 12)}{row.title}", TITLE - len(told))
    text = f"{title + told:{TITLE}} {bar(row):{BAR}} {row.took:>{TOOK}}"
    return click.style(text, fg="red") if row.failed else text


def clipped(text: str, most: int) -> str:
    """Without its middle: a status is at the end."""
    return text if len(text) <= most else f"{text[: most - 5]}…{text[-4:]}"


def bar(row: Row) -> str:
    """When it was, as a part of the whole; at least a mark."""
    begin = min(round(row.offset * BAR), BAR - 1)
    return " " * begin + "━" * max(1, min(round(row.share * BAR), BAR - begin))
