"""Events: one envelope for all, and a handler that cannot lose one.

An event whose handler fails is delivered again, and after ``DELIVERY_LIMIT``
deliveries goes to the dead letters.  Delivery is at least once, so a handler
must be idempotent on the envelope's ``id``.
"""

from datetime import datetime
from typing import Any

from kombu import Queue
from nameko.events import EventHandler

from common.ids import new_id
from common.schemas import iso

DEAD_LETTERS = "shopnow.dead_letters"
DELIVERY_LIMIT = 4


def envelope(
    event_type: str, data: dict[str, Any], now: datetime, correlation_id: str | None
) -> dict[str, Any]:
    """What goes over the wire: ``id type version occurred_at correlation_id data``."""
    return {
        "id": new_id(),
        "type": event_type,
        "version": 1,
        "occurred_at": iso(now),
        "correlation_id": correlation_id,
        "data": data,
    }


class DurableEventHandler(EventHandler):
    """Nameko's handler on a quorum queue with a delivery limit.

    The arguments of a queue cannot change once it exists, so they are right
    from the first day.
    """

    def __init__(self, source_service: str, event_type: str, **options: Any) -> None:
        super().__init__(source_service, event_type, requeue_on_error=True, **options)

    def setup(self) -> None:
        super().setup()
        self.queue: Queue = durable(self.queue)
        self.consumer.queues = [self.queue]


def durable(plain: Queue) -> Queue:
    return Queue(
        plain.name,
        exchange=plain.exchange,
        routing_key=plain.routing_key,
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": DEAD_LETTERS,
            "x-dead-letter-routing-key": plain.name,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    )


event_handler = DurableEventHandler.decorator
