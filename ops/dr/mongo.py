"""MongoDB over three places: a member a region, and a witness that is never primary.

A region alone has no majority, so that one which comes back, or is cut off, takes no
write; and what a majority has acknowledged outlives any one place.
"""

from typing import Any
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from ops.dr.regions import Region, Regions
from ops.dr.waiting import until

ELECTION_SECONDS = 30.0
# Unauthorized, AuthenticationFailed: no election makes those any better.
STRANGER = (13, 18)


def members(regions: Regions, near: Region) -> dict[str, str]:
    """The state of each, by its address, as the member in ``near`` sees it."""
    with member(regions, near) as client:
        status = client.admin.command("replSetGetStatus")
    return {each["name"]: each["stateStr"] for each in status["members"]}


def member(regions: Regions, region: Region) -> MongoClient[Any]:
    """Its own member, whatever that is at the moment."""
    return MongoClient(
        alone(regions.mongo, region.mongo),
        directConnection=True,
        serverSelectionTimeoutMS=2000,
    )


def alone(uri: str, host: str) -> str:
    """``uri`` of one member instead of the set: the rest, such as TLS, is the same."""
    parts = urlsplit(uri)
    login, at, _ = parts.netloc.rpartition("@")
    words = [word for word in parts.query.split("&") if word]
    kept = [word for word in words if not word.lower().startswith("replicaset=")]
    return f"{parts.scheme}://{login}{at}{host}{parts.path or '/'}?{'&'.join(kept)}"


def lead(regions: Regions, region: Region) -> None:
    """Make the member of ``region`` the primary, at once if the last one is gone."""
    why = f"MongoDB has no majority that makes {region.name} its primary"
    until(lambda: is_primary(regions, region), why, ELECTION_SECONDS)
    prefer(regions, region)


def is_primary(regions: Regions, region: Region) -> bool:
    """Whether it is; if not, it was asked to stand for election."""
    try:
        with member(regions, region) as client:
            if client.admin.command("hello")["isWritablePrimary"]:
                return True
            client.admin.command("replSetStepUp")
    except PyMongoError as trouble:
        if isinstance(trouble, OperationFailure) and trouble.code in STRANGER:
            raise
        return False  # It is not well enough yet, or had no majority.
    return False


def prefer(regions: Regions, region: Region) -> None:
    """Have its member be the primary for as long as it is there.

    Another region's is elected if it is not; the witness, which serves nobody, never.
    """
    places = {each.mongo for each in regions.regions.values()}
    with member(regions, region) as client:
        config = client.admin.command("replSetGetConfig")["config"]
        for each in config["members"]:
            is_first, is_region = each["host"] == region.mongo, each["host"] in places
            each["priority"] = is_first + is_region
        config["version"] += 1
        client.admin.command("replSetReconfig", config)
