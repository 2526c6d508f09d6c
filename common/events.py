"""Events: one envelope for all, and a handler that cannot lose one.

A handler that fails hears its event again, later each time, and after
``DELIVERY_LIMIT`` more deliveries the event goes to the dead letters.  A store
that is away is no failure of the handler: it waits for the store.  Delivery is
at least once, so a handler must be idempotent on the envelope's ``id``.
"""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps
from typing import Any

from kombu import Queue
from nameko.events import EventHandler

from common.ids import new_id
from common.outages import OUTAGES
from common.schemas import iso

log = logging.getLogger(__name__)

DEAD_LETTERS = "shopnow.dead_letters"
DELIVERY_LIMIT = 4
LONGEST_PAUSE = 10.0
# Well below the time after which RabbitMQ takes an unacknowledged message back.
OUTAGE_SECONDS = 200.0


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

    def handle_message_processed(
        self, message: Any, result: Any = None, exc_info: Any = None
    ) -> None:
        if exc_info is not None:
            deliveries = (message.headers or {}).get("x-delivery-count", 0)
            time.sleep(min(0.1 * 4**deliveries, LONGEST_PAUSE))
        super().handle_message_processed(message, result, exc_info)

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


def event_handler(source_service: str, event_type: str) -> Callable[..., Any]:
    """An entrypoint for the events of another service."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        entrypoint = DurableEventHandler.decorator(source_service, event_type)
        return entrypoint(outlasting_outages(method))

    return decorate


def outlasting_outages(method: Callable[..., Any]) -> Callable[..., Any]:
    """``method``, tried again while the server it needs is away."""

    @wraps(method)
    def handle(*args: Any, **kwargs: Any) -> Any:
        for pause in pauses(OUTAGE_SECONDS):
            try:
                return method(*args, **kwargs)
            except tuple(OUTAGES) as outage:
                log.warning("%s waits: %s", method.__name__, type(outage).__name__)
                time.sleep(pause)
        return method(*args, **kwargs)

    return handle


def pauses(budget: float) -> Iterator[float]:
    """Growing pauses, in seconds, until they add up to ``budget``."""
    pause = 0.25
    while budget > 0:
        yield pause
        budget -= pause
        pause = min(pause * 2, LONGEST_PAUSE)
