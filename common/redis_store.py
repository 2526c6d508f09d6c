"""Redis as this shop uses it: nameko-redis, with limits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nameko_redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisTimeout
from redis.retry import Retry

from common import tracing
from common.chaos import fault
from common.errors import Unavailable, service_unavailable
from common.metrics.pools import POOLS, of_redis
from common.outages import count_as_outage
from common.resilience import Guard, guard_of
from common.tracing import Kind

OUTAGE = (RedisAway, RedisTimeout)
count_as_outage(*OUTAGE)

TARGET = "redis"


def within(seconds: float) -> dict[str, Any]:
    """Options of a client that waits so long, and tries again only what was cut off.

    A connection that Redis has closed is found out by its next user.
    """
    return {
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "retry": Retry(NoBackoff(), 1, (RedisAway,)),
    }


class RedisStore(Redis):
    """nameko-redis's provider, there before the first message is."""

    def __init__(self, key: str, seconds: float) -> None:
        super().__init__(key, **within(seconds))

    def setup(self) -> None:
        super().setup()
        # Not in start(): a message that waits may reach a worker before that.
        super().start()
        trace_commands(self.client)
        POOLS.watch(TARGET, self.client.connection_pool, of_redis)

    def start(self) -> None:
        """Done already."""


def trace_commands(client: Any) -> None:
    """A span for each command, and for each batch of them."""
    client.execute_command = traced(client.execute_command)
    make = client.pipeline

    def pipeline(*args: Any, **options: Any) -> Any:
        made = make(*args, **options)
        made.execute = traced(made.execute)
        return made

    client.pipeline = pipeline


def traced(execute: Callable[..., Any]) -> Callable[..., Any]:
    def execute_traced(*command: Any, **options: Any) -> Any:
        operation = str(command[0]) if command else "PIPELINE"
        described = {"db.system.name": "redis", "db.operation.name": operation}
        with tracing.span(operation, Kind.CLIENT, described):
            return execute(*command, **options)

    return execute_traced


def redis_guard() -> Guard:
    """What keeps those who cannot wait for Redis from waiting in turn."""
    return guard_of(TARGET)


@contextmanager
def asking(guard: Guard) -> Iterator[None]:
    """Raises ``service_unavailable`` when Redis is away: soon, and then at once."""
    try:
        with guard.admit("high"):
            fault(TARGET, RedisAway)
            yield
    except (*OUTAGE, Unavailable):
        raise service_unavailable() from None
