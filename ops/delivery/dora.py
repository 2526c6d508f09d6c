"""`shopnow dora`: how often and how fast changes reach customers, and at what price."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any, TextIO

import click

from ops.errors import Problem

WEEK = timedelta(weeks=1)
# A deployment that another one has replaced is no longer active, but was good.
GOOD, BAD = ("SUCCESS", "INACTIVE"), ("FAILURE", "ERROR")


@dataclass(frozen=True)
class Deployment:
    """Of a commit to production; ``ended`` when it stood, or was taken back."""

    written: datetime
    ended: datetime
    good: bool


@dataclass(frozen=True)
class Four:
    """What Accelerate measures delivery by; nothing of what has not happened."""

    count: int
    per_week: float | None
    lead_time: timedelta | None
    failure_share: float
    restored_in: timedelta | None


def read(document: Any) -> list[Deployment]:
    """Of GitHub's GraphQL answer, oldest first; what is under way is left out."""
    nodes = document["data"]["repository"]["deployments"]["nodes"]
    found = [
        Deployment(
            datetime.fromisoformat(node["commit"]["committedDate"]),
            datetime.fromisoformat(node["latestStatus"]["createdAt"]),
            node["latestStatus"]["state"] in GOOD,
        )
        for node in nodes
        if (node["latestStatus"] or {}).get("state") in GOOD + BAD
    ]
    return sorted(found, key=lambda each: each.ended)


def four(deployments: Sequence[Deployment]) -> Four:
    if not deployments:
        raise Problem("there is no deployment that has ended")
    good = [each for each in deployments if each.good]
    passed = deployments[-1].ended - deployments[0].ended
    return Four(
        count=len(deployments),
        per_week=(len(good) - 1) / (passed / WEEK) if passed and good else None,
        lead_time=middle(each.ended - each.written for each in good),
        failure_share=1 - len(good) / len(deployments),
        restored_in=middle(restorations(deployments)),
    )


def restorations(deployments: Iterable[Deployment]) -> list[timedelta]:
    """From the first of some failures in a row to the next success."""
    found, failed = [], None
    for each in deployments:
        if each.good and failed:
            found.append(each.ended - failed)
            failed = None
        elif not each.good:
            failed = failed or each.ended
    return found


def middle(times: Iterable[timedelta]) -> timedelta | None:
    seconds = [each.total_seconds() for each in times]
    return timedelta(seconds=round(median(seconds))) if seconds else None


@click.command()
@click.argument("file", type=click.File())
def dora(file: TextIO) -> None:
    """Tell the four measures of delivery from FILE, GitHub's list of deployments.

    docs/delivery.md has the query.
    """
    try:
        listed = json.load(file)
    except ValueError as trouble:
        raise Problem(f"{file.name} is no list of deployments: {trouble}") from None
    told = four(read(listed))
    often = "-" if told.per_week is None else f"{told.per_week:.1f} a week"
    click.echo(f"deployment frequency   {often}, of {told.count} in all")
    click.echo(f"lead time for changes  {told.lead_time or '-'}")
    click.echo(f"change failure rate    {told.failure_share:.0%}")
    click.echo(f"time to restore        {told.restored_in or '-'}")
