"""Hands each worker its own door to orders and to carts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nameko.containers import WorkerContext
from nameko.standalone.events import event_dispatcher

from common.database import PostgresStore, transaction
from common.outbox import Relay
from common.redis_store import RedisStore
from order_service.storage.carts import CartRepository
from order_service.storage.models import OrderBase, OutboxRow
from order_service.storage.repository import OrderRepository

REDIS_SECONDS = 2.0


class OrderStore(PostgresStore):
    """Orders, and the relay that publishes what their outbox holds."""

    def __init__(self) -> None:
        super().__init__(OrderBase)

    def setup(self) -> None:
        super().setup()
        dispatch, source = event_dispatcher(), self.container.service_name
        self.relay = Relay(
            self.Session, OutboxRow, lambda kind, body: dispatch(source, kind, body)
        )

    def start(self) -> None:
        self.relaying = self.container.spawn_managed_thread(self.relay.run)

    def stop(self) -> None:
        self.relay.stop()
        self.relaying.wait()
        super().stop()

    def get_dependency(self, worker_ctx: WorkerContext) -> "OrderDoor":
        database = super().get_dependency(worker_ctx)
        correlation_id = worker_ctx.context_data.get("request_id")
        return OrderDoor(database, self.relay.wake, correlation_id)


class OrderDoor:
    def __init__(
        self, database: Any, wake: Callable[[], None], correlation_id: str | None
    ) -> None:
        self.database, self.wake = database, wake
        self.correlation_id = correlation_id

    @contextmanager
    def transaction(self) -> Iterator[OrderRepository]:
        with transaction(self.database) as session:
            orders = OrderRepository(session, self.correlation_id)
            yield orders
        if orders.has_news:
            self.wake()


class CartStore(RedisStore):
    def __init__(self) -> None:
        super().__init__("carts", REDIS_SECONDS)

    def ping(self) -> None:
        self.client.ping()

    def get_dependency(self, worker_ctx: WorkerContext) -> CartRepository:
        return CartRepository(self.client)
