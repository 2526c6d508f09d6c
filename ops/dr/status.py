"""How the regions stand, each as it tells of itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg2
import urllib3
from pymongo.errors import PyMongoError

from ops.dr import broker, consul, epoch, mongo, postgres
from ops.dr.regions import Region, Regions
from ops.errors import Problem
from ops.http import answers

TROUBLE = (
    Problem,
    PyMongoError,
    psycopg2.Error,
    urllib3.exceptions.HTTPError,
)


@contextmanager
def trouble_in_a_line() -> Iterator[None]:
    """For a command: what a server says is told without a traceback."""
    try:
        yield
    except Problem:
        raise
    except TROUBLE as trouble:
        raise Problem(str(trouble).strip().splitlines()[0]) from None


def lines(regions: Regions) -> Iterator[str]:
    """For a person; what does not answer says so in its line."""
    yield f"epoch: {told(lambda: of_epoch(regions))}"
    for region in regions.regions.values():
        yield region.name
        yield f"  postgres   {told(lambda: of_postgres(region))}"  # noqa: B023
        yield f"  mongo      {told(lambda: of_mongo(regions, region))}"  # noqa: B023
        yield f"  rabbitmq   {told(lambda: of_broker(region))}"  # noqa: B023
        yield f"  consul     {told(lambda: of_consul(region))}"  # noqa: B023
        is_open = answers(f"{region.gateway}/readyz")
        yield f"  gateway    {'open' if is_open else 'closed'}"


def told(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except TROUBLE as trouble:
        return f"does not answer: {str(trouble).splitlines()[0][:100]}"


def of_epoch(regions: Regions) -> str:
    with regions.catalogue() as client:
        found = epoch.current(client)
    return f"{found.number}, {found.region} takes writes" if found.number else "none"


def of_postgres(region: Region) -> str:
    found = postgres.condition(region)
    where = f"timeline {found.timeline}, epoch {found.epoch}"
    if not found.is_replica:
        waits = f", waits for {found.waits_for}" if found.waits_for else ""
        open_ = "" if found.is_fenced else ", NOT FENCED: promote it once more"
        return f"takes writes, {where}{waits}{open_}"
    follows = "follows" if found.streams else "refuses writes and follows nobody"
    age = f", last change {found.age:.1f} s ago" if found.age is not None else ""
    return f"replica, {follows}, {where}{age}"


def of_mongo(regions: Regions, region: Region) -> str:
    states = mongo.members(regions, region)
    return f"{states[region.mongo].lower()} of {len(states)} members"


def of_broker(region: Region) -> str:
    links = broker.links(region)
    running = sum(status == "running" for status in links.values())
    return (
        f"{running} of {len(links)} links run, "
        f"{broker.waiting_in(region)} events wait for handlers"
    )


def of_consul(region: Region) -> str:
    there = ", ".join(sorted(consul.datacenters(region)))
    return f"joined: {there}; gateway found in {consul.found_in(region, 'gateway')}"
