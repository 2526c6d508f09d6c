"""Hands each worker the door to the catalogue's database."""

import copy
from collections.abc import Callable

from nameko import config
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider
from prometheus_client import Metric
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, ExecutionTimeout

from common import chaos
from common.clock import utc_now
from common.metrics.pools import POOLS, of_mongo
from common.metrics.readings import outbox_metrics
from common.outages import count_as_outage
from common.publishing import publisher
from common.tracing.mongo import Commands
from product_service.storage.categories import CategoryRepository
from product_service.storage.inventory import InventoryRepository
from product_service.storage.keys import KeyRepository
from product_service.storage.outbox import ProductRelay
from product_service.storage.products import ProductRepository
from product_service.storage.reservations import ReservationRepository
from product_service.storage.reviews import ReviewRepository
from product_service.storage.sellers import SellerRepository

count_as_outage(ConnectionFailure, ExecutionTimeout)

SELECTION_MS = 2000
OPERATION_MS = 5000


def connect(uri: str) -> MongoClient:
    return MongoClient(
        uri,
        tz_aware=True,
        w="majority",
        serverSelectionTimeoutMS=SELECTION_MS,
        timeoutMS=OPERATION_MS,
        event_listeners=[Commands()],
    )


def away() -> ConnectionFailure:
    """What the driver raises when nobody answers."""
    return ConnectionFailure("a fault on purpose")


class ProductStore(DependencyProvider):
    server = "MongoDB"

    def setup(self) -> None:
        # Not in start(): a message that waits may reach a worker before that.
        self.client = connect(config["PRODUCT_MONGO_URI"])
        POOLS.watch("mongo", self.client, of_mongo)
        self.door = ProductDoor(self.client)
        publish = publisher(self.container.service_name)
        self.relay = ProductRelay(self.client.get_default_database(), publish)
        self.door.wake = self.relay.wake

    def start(self) -> None:
        self.relaying = self.container.spawn_managed_thread(self.relay.run)

    def stop(self) -> None:
        self.relay.stop()
        self.relaying.wait()
        self.client.close()

    def ping(self) -> None:
        chaos.fault("mongo", away)
        self.client.admin.command("ping")

    def readings(self) -> list[Metric]:
        """What Prometheus is told of the database."""
        count, first = self.relay.all_waiting()
        age = (utc_now() - first).total_seconds() if first else 0.0
        return outbox_metrics(count, age)

    def get_dependency(self, worker_ctx: WorkerContext) -> "ProductDoor":
        door = self.door.working_for(worker_ctx.context_data.get("request_id"))
        mine: ProductDoor = chaos.behind("mongo", door, away)
        return mine


class ProductDoor:
    """The catalogue's repositories, one a noun."""

    def __init__(self, client: MongoClient) -> None:
        database = client.get_default_database()
        self.products = ProductRepository(database)
        self.categories = CategoryRepository(database)
        self.sellers = SellerRepository(database)
        self.keys = KeyRepository(database)
        self.inventory = InventoryRepository(database)
        self.reviews = ReviewRepository(database)
        self.reservations = ReservationRepository(database)
        # Has the relay look what there is to tell, where one is at work.
        self.wake: Callable[[], None] = lambda: None

    def working_for(self, request_id: str | None) -> "ProductDoor":
        mine = copy.copy(self)
        mine.products = self.products.working_for(request_id)
        return mine
