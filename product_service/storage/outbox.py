"""What there is to tell of products waits in their own documents.

The update that changes a product pushes the event, so there is never one
without the other.  One relay at a time, by a lease, publishes what waits and
then takes it out: a crash in between publishes twice, never zero times.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from common.ids import new_id
from common.metrics.readings import MOST_COUNTED
from common.outbox import Busy
from common.relay import Rounds
from common.tracing.messages import published

# As declared in the schema: the documents that have something to tell.
WAITING = "waiting_events"
BATCH = 50
BATCH_SECONDS = 5.0
# Longer than a batch may take, so that whoever loses it has stopped by then.
LEASE_SECONDS = 8.0


class Lease:
    """The right to publish, by MongoDB's own clock; it ends by itself."""

    def __init__(
        self, database: Database, name: str, seconds: float = LEASE_SECONDS
    ) -> None:
        self.leases, self.name = database.leases, name
        self.holder, self.milliseconds = new_id(), int(seconds * 1000)

    def take(self) -> None:
        """Raises ``Busy`` while somebody else has it."""
        is_free = {"$lte": ["$until", "$$NOW"]}
        is_ours = {"$or": [is_free, {"$eq": ["$holder", self.holder]}]}
        ours = {"holder": self.holder, "until": {"$add": ["$$NOW", self.milliseconds]}}
        try:
            lease = self.leases.find_one_and_update(
                {"_id": self.name},
                [{"$set": {n: {"$cond": [is_ours, ours[n], f"${n}"]} for n in ours}}],
                upsert=True,
                return_document=True,
            )
        except DuplicateKeyError:
            raise Busy from None
        if lease is None or lease["holder"] != self.holder:
            raise Busy

    def give_back(self) -> None:
        self.leases.delete_one({"_id": self.name, "holder": self.holder})


class ProductRelay(Rounds):
    batch_seconds, batch = BATCH_SECONDS, BATCH

    def __init__(
        self,
        database: Database,
        publish: Callable[[str, dict], None],
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        super().__init__()
        self.products, self.publish = database.products, publish
        self.lease = Lease(database, "product_relay", lease_seconds)

    def publish_batch(self) -> int:
        if not self.waiting(1):
            return 0
        self.lease.take()
        try:
            return sum(map(self.publish_of, self.waiting(BATCH)))
        finally:
            self.lease.give_back()

    def waiting(self, most: int) -> list[dict[str, Any]]:
        """Products with something to tell, those that wait longest first."""
        found = self.products.find({"events": {"$exists": True}}, {"events": 1})
        return list(found.hint(WAITING).limit(most))

    def all_waiting(self) -> tuple[int, datetime | None]:
        """How many events wait, and when the first of them happened."""
        found = self.products.aggregate(
            [
                {"$match": {"events": {"$exists": True}}},
                {"$limit": MOST_COUNTED},
                {
                    "$group": {
                        "_id": None,
                        "count": {"$sum": {"$size": "$events"}},
                        "first": {"$min": {"$min": "$events.occurred_at"}},
                    }
                },
            ],
            hint=WAITING,
        )
        every = next(found, None)
        if every is None:
            return 0, None
        return every["count"], datetime.fromisoformat(every["first"])

    def publish_of(self, product: dict[str, Any]) -> int:
        """Publish what waits of one product, in its order, and take it out."""
        events = product["events"]
        for event in events:
            traceparent = event.pop("traceparent", None)
            published(self.publish, event["type"], event, traceparent)
        self.products.update_one(
            {"_id": product["_id"]}, taking_out([event["id"] for event in events])
        )
        return len(events)


def taking_out(event_ids: list[str]) -> list[dict[str, Any]]:
    """An update that leaves what came meanwhile, and no empty list."""
    others = {
        "$filter": {
            "input": "$events",
            "cond": {"$not": {"$in": ["$$this.id", event_ids]}},
        }
    }
    left = {"$cond": [{"$eq": ["$events", []]}, "$$REMOVE", "$events"]}
    return [{"$set": {"events": others}}, {"$set": {"events": left}}]
