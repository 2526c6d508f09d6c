"""Events: one envelope for all, and a handler that cannot lose one.

A handler that fails is tried again, later each time, and after ``TRIES`` its
event goes to the dead letters, with the reason.  A store that is away is no
failure of the handler: it waits for the store.  A process that dies gives its
events back, ``DELIVERY_LIMIT`` times at the most.  Delivery is at least once, so
a handler must be idempotent on the envelope's ``id`` (common/inbox.py).
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from functools import wraps
from itertools import islice
from typing import Any

from eventlet import Timeout
from kombu import Queue
from nameko import config
from nameko.containers import WorkerContext
from nameko.events import BROADCAST, EventHandler

from common.chaos import FaultOnPurpose, fault, is_stopped
from common.consumer import DrainingConsumer
from common.dead_letters import DEAD_LETTERS, Failure, put_aside
from common.errors import Unavailable
from common.ids import new_id
from common.metrics.handling import PUT_ASIDE, measured
from common.outages import OUTAGES, answering_outages
from common.schemas import iso
from common.tracing import Span
from common.tracing.messages import adopt_trace, consuming

log = logging.getLogger(__name__)

DELIVERY_LIMIT = 20
DEFAULT_WORKERS = 4
BROADCAST_WORKERS = 10
TRIES = 5
LONGEST_PAUSE = 10.0
# Well below the time after which RabbitMQ takes an unacknowledged message back.
OUTAGE_SECONDS = 200.0


def enveloped(event: Any, now: datetime, correlation_id: str | None) -> dict[str, Any]:
    """``event``, a dataclass that names its ``type``, as it goes over the wire.

    What its data look like is said by docs/events, in the file of its
    ``schema_version``; 1, where it does not name one.
    """
    version = getattr(type(event), "schema_version", 1)
    return envelope(event.type, asdict(event), now, correlation_id, version)


def envelope(
    event_type: str,
    data: dict[str, Any],
    now: datetime,
    correlation_id: str | None,
    version: int = 1,
) -> dict[str, Any]:
    """What goes over the wire: ``id type version occurred_at correlation_id data``."""
    return {
        "id": new_id(),
        "type": event_type,
        "version": version,
        "occurred_at": iso(now),
        "correlation_id": correlation_id,
        "data": data,
    }


class DurableConsumer(DrainingConsumer):
    def held(self) -> bool:
        return is_stopped("events")


class TracedEventHandler(EventHandler):
    """Goes on with the trace that an event came of."""

    def handle_message(self, body: Any, message: Any) -> None:
        adopt_trace(message.headers)
        super().handle_message(body, message)

    def traced(self, worker_ctx: WorkerContext) -> Span:
        return consuming(self, worker_ctx)


class DurableEventHandler(TracedEventHandler):
    """Nameko's handler on a quorum queue with a delivery limit.

    The arguments of a queue cannot change once it exists, so they are right
    from the first day.
    """

    consumer_cls = DurableConsumer

    @property
    def workers(self) -> int:
        """As many as messages come in at once, and nobody else's."""
        return config.get("EVENT_WORKERS", DEFAULT_WORKERS)

    def setup(self) -> None:
        self.consumer_options["prefetch_count"] = self.workers
        super().setup()
        self.queue: Queue = durable(self.queue)
        self.consumer.queues = [self.queue]

    def start(self) -> None:
        self.consuming = self.container.spawn_managed_thread(self.consumer.run)
        self.consumer.wait_until_consumer_ready()

    def stop(self) -> None:
        """Take no more events, and finish those that run."""
        self.consumer.stop()
        self.consuming.wait()

    def handle_message_processed(
        self, message: Any, result: Any = None, exc_info: Any = None
    ) -> None:
        if exc_info is None:
            self.consumer.ack_message(message)
        else:
            self.give_up(message, exc_info[1])

    def give_up(self, message: Any, trouble: BaseException) -> None:
        handler = f"{self.container.service_name}.{self.method_name}"
        PUT_ASIDE.count(self.method_name)
        try:
            failure = Failure.of(handler, trouble, TRIES)
            put_aside(message, self.queue.name, failure)
        except (Exception, Timeout) as refused:
            log.warning("%s cannot say why: %s", handler, type(refused).__name__)
            # The broker then puts it aside by itself, without the reason.
            self.consumer.reject_message(message)
        else:
            self.consumer.ack_message(message)


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
        patient = persevering(outlasting_outages(struck(method)))
        return entrypoint(measured(answering_outages(patient)))

    return decorate


def struck(method: Callable[..., Any]) -> Callable[..., Any]:
    """``method``, behind the fault that an operator may have set."""

    @wraps(method)
    def handle(*args: Any, **kwargs: Any) -> Any:
        fault("events", FaultOnPurpose)
        return method(*args, **kwargs)

    return handle


def persevering(method: Callable[..., Any]) -> Callable[..., Any]:
    """``method``, tried up to ``TRIES`` times with growing pauses."""

    @wraps(method)
    def handle(*args: Any, **kwargs: Any) -> Any:
        for pause in islice(pauses(), TRIES - 1):
            try:
                return method(*args, **kwargs)
            except Exception as failure:
                log.warning("%s fails: %s", method.__name__, type(failure).__name__)
                time.sleep(pause)
        return method(*args, **kwargs)

    return handle


def outlasting_outages(method: Callable[..., Any]) -> Callable[..., Any]:
    """``method``, tried again while the server it needs is away."""

    @wraps(method)
    def handle(*args: Any, **kwargs: Any) -> Any:
        waited = 0.0
        for pause in pauses():
            try:
                return method(*args, **kwargs)
            except tuple(OUTAGES | {Unavailable}) as outage:
                if waited > OUTAGE_SECONDS:
                    raise
                log.warning("%s waits: %s", method.__name__, type(outage).__name__)
                time.sleep(pause)
                waited += pause
        return None

    return handle


def pauses() -> Iterator[float]:
    """Growing pauses, in seconds, without an end."""
    pause = 0.25
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE)


class BroadcastHandler(TracedEventHandler):
    """Hears what is announced while it runs; nothing is kept for later."""

    consumer_cls = DrainingConsumer
    workers = BROADCAST_WORKERS

    def __init__(self, source_service: str, event_type: str, **options: Any) -> None:
        super().__init__(
            source_service,
            event_type,
            handler_type=BROADCAST,
            reliable_delivery=False,
            **options,
        )


def broadcast_handler(source_service: str, event_type: str) -> Callable[..., Any]:
    """An entrypoint, in every process, for what another service announces."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        return BroadcastHandler.decorator(source_service, event_type)(measured(method))

    return decorate
