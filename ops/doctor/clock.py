"""The clock: deadlines and signing keys are moments, and servers must agree on them."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import copysign
from time import monotonic, time
from typing import Any

import psycopg2
import redis
import urllib3
from pymongo import MongoClient

from ops import http
from ops.doctor.case import Case
from ops.doctor.finding import Check, Finding, ok, problem, warning
from ops.stack import probes

# A deadline of a read is 0.3 s: a tenth of it may get lost between two clocks.
SOME_SECONDS, MOST_SECONDS = 0.03, 0.25
# What a Date header tells is whole seconds.
HEADER_SECONDS = 1.0
JUMP_SECONDS = 0.05
REMEDY = "timedatectl set-ntp true  # on the machine whose clock is wrong"
BEGAN = time(), monotonic()


def postgres(uri: str) -> float:
    plain = uri.replace("postgresql+psycopg2:", "postgresql:", 1)
    connected = psycopg2.connect(plain, connect_timeout=2)
    with closing(connected), connected.cursor() as cursor:
        return asked(lambda: at(cursor, "SELECT extract(epoch FROM clock_timestamp())"))


def at(cursor: Any, query: str) -> float:
    cursor.execute(query)
    return float(cursor.fetchone()[0])


def mongo(uri: str) -> float:
    client: MongoClient[Any]
    with MongoClient(uri, tz_aware=True, timeoutMS=2000) as client:
        client.admin.command("ping")
        admin: Any = client.admin
        return asked(lambda: float(admin.command("hello")["localTime"].timestamp()))


def redis_server(uri: str) -> float:
    with redis.Redis.from_url(uri, socket_timeout=2) as client:
        client.ping()
        return asked(lambda: moment(client.time()))


def moment(told: Any) -> float:
    seconds, microseconds = told
    return float(seconds + microseconds / 1e6)


def header(uri: str) -> float:
    """By the Date that it answers with; raises ``KeyError`` if it tells none."""

    def date() -> float:
        told = http.request("GET", uri).headers["Date"]
        # Half a second is what was cut off on average.
        return parsedate_to_datetime(told).timestamp() + 0.5

    off = asked(date)
    return off if abs(off) > HEADER_SECONDS else 0.0


def asked(remote: Callable[[], float]) -> float:
    """By how much the other's clock is ahead of ours, at the least.

    The quickest of three answers counts; it was written at some moment on its way.
    """
    tries = []
    for _ in range(3):
        before = time()
        told = remote()
        way = (time() - before) / 2
        tries.append((way, told - before - way))
    way, off = min(tries)
    return copysign(max(0.0, abs(off) - way), off)


CLOCKS = {
    "AUTH_DB_URI": postgres,
    "USER_DB_URI": postgres,
    "ORDER_DB_URI": postgres,
    "PRODUCT_MONGO_URI": mongo,
    "REDIS_URI": redis_server,
    "SHOPNOW_URL": header,
    "CONSUL_URI": header,
}


def agreement(case: Case) -> Iterator[Finding]:
    """Our clock beside those of all servers that tell the time."""
    told = 0
    for variable, clock in CLOCKS.items():
        if not (uri := case.variables.get(variable)):
            continue
        try:
            off = clock(f"{uri}/v1/status/leader" if "CONSUL" in variable else uri)
        except (*probes.REFUSALS, urllib3.exceptions.HTTPError, KeyError):
            continue  # Its own check tells of that.
        told += 1
        words = f"the clock behind {variable} is {off:+.2f} s off ours"
        if abs(off) > MOST_SECONDS:
            yield problem(f"{words}: deadlines and tokens go wrong", REMEDY)
        elif abs(off) > SOME_SECONDS:
            yield warning(words, REMEDY)
    yield from steadiness()
    yield ok(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {told} servers asked")


def steadiness() -> Iterator[Finding]:
    """Whether the clock was set while we looked."""
    wall, steady = BEGAN
    jump = (time() - wall) - (monotonic() - steady)
    if abs(jump) > JUMP_SECONDS:
        yield warning(f"the clock has just jumped by {jump:+.2f} s", REMEDY)


CHECKS = (Check("clock", agreement),)
