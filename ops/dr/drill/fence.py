"""Tries to write into a region that has come back, and tells what refused it."""

from typing import Any
from urllib.parse import urlsplit

import psycopg2
from pymongo.errors import PyMongoError

from ops.dr import mongo
from ops.dr.drill.places import A
from ops.dr.drill.world import World
from ops.dr.talking import talk

ATTEMPT = "UPDATE orders SET version = version WHERE false"


def attempts(world: World) -> dict[str, str]:
    """By the store; raise nothing, for a write that is taken is a finding too."""
    return {
        "PostgreSQL of region-a": into_postgres(world),
        "MongoDB of region-a": into_mongo(world),
    }


def into_postgres(world: World) -> str:
    uri = urlsplit(world.regions[A].postgres)._replace(path="/order_service").geturl()
    try:
        with talk(uri) as cursor:
            # What a session may lift by itself would be no fence.
            cursor.execute("SET default_transaction_read_only = off")
            cursor.execute(ATTEMPT)
    except psycopg2.Error as refusal:
        return f"refused: {str(refusal).splitlines()[0]}"
    return "TAKEN"


def into_mongo(world: World) -> str:
    with mongo.member(world.regions, world.regions[A]) as client:
        shelf: Any = client["product_service"]["products"]
        try:
            shelf.update_one({"_id": "nobody"}, {"$set": {"version": 0}})
        except PyMongoError as refusal:
            return f"refused: {str(refusal).partition(',')[0]}"
    return "TAKEN"
