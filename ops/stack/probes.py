"""Asks each server something only a working one can answer, with our credentials."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2
import redis
import urllib3
from amqp.exceptions import AMQPError
from kombu import Connection
from kombu.exceptions import KombuError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from common.broker import settle
from ops import http
from ops.errors import Problem
from ops.stack.given import KINDS, trouble_with

SECONDS = 2.0
REFUSALS = (
    AMQPError,
    KombuError,
    OSError,
    PyMongoError,
    Problem,
    ValueError,
    psycopg2.Error,
    redis.RedisError,
    urllib3.exceptions.HTTPError,
)


def trouble(variable: str, uri: str) -> str:
    """Why the server at ``uri`` cannot be worked with, in one line; or nothing."""
    try:
        version(variable, uri)
    except REFUSALS as refusal:
        return reason(refusal)
    return ""


def reason(refusal: Exception) -> str:
    """What a driver says, on one line."""
    lines = str(refusal).strip().splitlines() or [""]
    return lines[0].strip() or type(refusal).__name__


def version(variable: str, uri: str) -> str:
    """What the server says it is; raises one of ``REFUSALS``."""
    # What a driver cannot read it quotes, the password with it.
    if why := trouble_with(uri, KINDS[variable]):
        raise Problem(why)
    return PROBES[variable](uri)


def rabbitmq(uri: str) -> str:
    settings: dict[str, Any] = {"AMQP_URI": uri}
    settle(settings)
    address, ssl = settings["AMQP_URI"], settings.get("AMQP_SSL")
    with Connection(address, ssl=ssl, connect_timeout=SECONDS) as connection:
        connection.connect()
        told: Any = connection.connection
        return str(told.server_properties.get("version", ""))


def postgres(uri: str) -> str:
    plain = uri.replace("postgresql+psycopg2:", "postgresql:", 1)
    with closing(psycopg2.connect(plain, connect_timeout=int(SECONDS))) as connection:
        return str(connection.get_parameter_status("server_version")).split()[0]


def mongo(uri: str) -> str:
    milliseconds = int(SECONDS * 1000)
    limits: dict[str, Any] = {"timeoutMS": milliseconds}
    limits |= {"serverSelectionTimeoutMS": milliseconds}
    client: MongoClient[Any]
    with MongoClient(uri, **limits) as client:
        # As who we are: `ping` and `buildInfo` answer anybody.
        client.get_default_database().list_collection_names()
        return str(client.server_info()["version"])


def redis_server(uri: str) -> str:
    limits = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS}
    with redis.Redis.from_url(uri, **limits) as client:
        told: Any = client.info("server")
        return str(told["redis_version"])


def consul(uri: str) -> str:
    if not http.call("GET", f"{uri}/v1/status/leader"):
        raise Problem("it has no leader")
    return ""


PROBES: dict[str, Callable[[str], str]] = {
    "AMQP_URI": rabbitmq,
    "AUTH_DB_URI": postgres,
    "USER_DB_URI": postgres,
    "ORDER_DB_URI": postgres,
    "PRODUCT_MONGO_URI": mongo,
    "REDIS_URI": redis_server,
    "CONSUL_URI": consul,
}
