"""Hands each worker its own door to orders and to carts."""

from nameko.containers import WorkerContext
from nameko_redis import Redis
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisTimeout

from common.outages import count_as_outage
from common.relay import RelayedStore
from order_service.storage.carts import CartRepository
from order_service.storage.models import OrderBase, OutboxRow
from order_service.storage.repository import OrderRepository

count_as_outage(RedisAway, RedisTimeout)

REDIS_SECONDS = 2.0


class OrderStore(RelayedStore):
    def __init__(self) -> None:
        super().__init__(OrderBase, OutboxRow, OrderRepository)


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
