"""Redis: carts live there, and have to outlive it."""

from collections.abc import Iterator
from typing import Any

import redis

from ops.doctor.case import Case
from ops.doctor.finding import Check, Finding, ok, problem, warning

KEEPS_ALL = "noeviction"


def persistence(case: Case) -> Iterator[Finding]:
    """Whether it writes what it is told to disk, and throws nothing away."""
    uri = case.variables["REDIS_URI"]
    with redis.Redis.from_url(uri, socket_timeout=2) as client:
        told: Any = client.info()
    if not told.get("aof_enabled"):
        yield problem(
            "it has no append-only file: a restart loses every cart",
            "redis-cli -u $REDIS_URI config set appendonly yes",
        )
    elif told.get("aof_last_write_status") != "ok":
        yield problem("it cannot write its append-only file", "df -h")
    if told.get("rdb_last_bgsave_status", "ok") != "ok":
        yield warning("its last snapshot failed", "tail .run/log/redis.log; df -h")
    policy = told.get("maxmemory_policy", KEEPS_ALL)
    if told.get("maxmemory") and policy != KEEPS_ALL:
        yield problem(
            f"when it is full it drops carts ({policy})",
            "redis-cli -u $REDIS_URI config set maxmemory-policy noeviction",
        )
    used = told.get("used_memory_human", "?")
    yield ok(f"{told.get('db0', {}).get('keys', 0)} keys in {used}")


CHECKS = (Check("carts", persistence, ("REDIS_URI",)),)
