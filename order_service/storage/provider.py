"""Hands each worker its own door to orders and to carts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nameko import config
from nameko.containers import WorkerContext
from nameko_redis import Redis
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisTimeout

from common.database import transaction
from common.outages import count_as_outage
from common.relaying import RelayedStore
from common.sealing import Seal
from order_service.storage.carts import CartRepository
from order_service.storage.models import OrderBase, OutboxRow
from order_service.storage.repository import OrderRepository

count_as_outage(RedisAway, RedisTimeout)

REDIS_SECONDS = 2.0


class OrderStore(RelayedStore):
    def __init__(self) -> None:
        super().__init__(OrderBase, OutboxRow)

    def setup(self) -> None:
        super().setup()
        self.seal = Seal(config["FIELD_KEYS"])

    def get_dependency(self, worker_ctx: WorkerContext) -> "OrderDoor":
        database = super().get_dependency(worker_ctx)
        correlation_id = worker_ctx.context_data.get("request_id")
        return OrderDoor(database, self.seal, self.relay.wake, correlation_id)


class OrderDoor:
    def __init__(
        self,
        database: Any,
        seal: Seal,
        wake: Callable[[], None],
        correlation_id: str | None,
    ) -> None:
        self.database, self.seal, self.wake = database, seal, wake
        self.correlation_id = correlation_id

    @contextmanager
    def transaction(self) -> Iterator[OrderRepository]:
        with transaction(self.database) as session:
            orders = OrderRepository(session, self.seal, self.correlation_id)
            yield orders
        if orders.has_news:
            self.wake()


class CartStore(Redis):
    def __init__(self) -> None:
        super().__init__(
            "carts", socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
        )

    def setup(self) -> None:
        super().setup()
        # Not in start(): a message that waits may reach a worker before that.
        super().start()

    def start(self) -> None:
        """Done already."""

    def ping(self) -> None:
        self.client.ping()

    def get_dependency(self, worker_ctx: WorkerContext) -> CartRepository:
        return CartRepository(self.client)
