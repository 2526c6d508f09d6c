"""Consul over two regions: two datacenters that are joined, each with its own voice."""

from contextlib import suppress

import urllib3

from ops.dr.epoch import Epoch
from ops.dr.regions import Region
from ops.errors import Problem
from ops.http import call

KEY = "regions/writes"


def tell(region: Region, epoch: Epoch) -> None:
    """Have everybody in ``region`` read which one takes writes."""
    told = {"epoch": epoch.number, "region": epoch.region}
    place = f"{region.consul}/v1/kv/{KEY}"
    call("PUT", place, told, token=region.consul_token)


def tell_who_is_there(regions: list[Region], epoch: Epoch) -> None:
    """The others hear it when they are back: `rejoin` tells them."""
    for each in regions:
        with suppress(Problem, urllib3.exceptions.HTTPError):
            tell(each, epoch)


def datacenters(region: Region) -> list[str]:
    """All that it is joined with, itself among them."""
    found: list[str] = call("GET", f"{region.consul}/v1/catalog/datacenters")
    return found


def found_in(region: Region, query: str) -> str:
    """The datacenter whose healthy instances a prepared query answers; or nothing."""
    place = f"{region.consul}/v1/query/{query}/execute"
    answer = call("GET", place, token=region.consul_token)
    return str(answer["Datacenter"]) if answer["Nodes"] else ""
