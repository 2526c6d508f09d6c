"""Hands each worker its own door to orders and to carts."""

from functools import partial

from nameko import config
from nameko.containers import WorkerContext
from prometheus_client import Metric

from common import chaos
from common.redis_store import TARGET, RedisAway, RedisStore
from common.relay import RelayedStore
from common.sealing import Seal
from order_service.storage.carts import CartRepository
from order_service.storage.models import OrderBase, OutboxRow
from order_service.storage.repository import OrderRepository
from order_service.storage.sagas import sagas

REDIS_SECONDS = 2.0


class OrderStore(RelayedStore):
    def __init__(self) -> None:
        super().__init__(OrderBase, OutboxRow, OrderRepository)

    def setup(self) -> None:
        super().setup()
        self.repository = partial(OrderRepository, seal=Seal(config["FIELD_KEYS"]))

    def readings(self) -> list[Metric]:
        with self.Session() as session, session.begin():
            return [*super().readings(), *sagas(session)]


class CartStore(RedisStore):
    """It has no ``ping``: without Redis carts are closed, and orders go on."""

    def __init__(self) -> None:
        super().__init__("carts", REDIS_SECONDS)

    def get_dependency(self, worker_ctx: WorkerContext) -> CartRepository:
        carts = CartRepository(self.client)
        mine: CartRepository = chaos.behind(TARGET, carts, RedisAway)
        return mine
