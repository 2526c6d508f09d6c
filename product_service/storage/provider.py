"""Hands each worker the door to the catalogue's database."""

from nameko import config
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, ExecutionTimeout

from common.outages import count_as_outage
from product_service.storage.inventory import InventoryRepository
from product_service.storage.keys import KeyRepository
from product_service.storage.products import ProductRepository
from product_service.storage.reservations import ReservationRepository
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
    )


class ProductStore(DependencyProvider):
    def setup(self) -> None:
        # Not in start(): a message that waits may reach a worker before that.
        self.client = connect(config["PRODUCT_MONGO_URI"])
        self.door = ProductDoor(self.client)

    def stop(self) -> None:
        self.client.close()

    def ping(self) -> None:
        self.client.admin.command("ping")

    def get_dependency(self, worker_ctx: WorkerContext) -> "ProductDoor":
        return self.door


class ProductDoor:
    """The catalogue's repositories, one a noun."""

    def __init__(self, client: MongoClient) -> None:
        database = client.get_default_database()
        self.products = ProductRepository(database)
        self.sellers = SellerRepository(database)
        self.keys = KeyRepository(database)
        self.inventory = InventoryRepository(database)
        self.reservations = ReservationRepository(database)
