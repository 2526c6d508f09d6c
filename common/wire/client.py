"""Calls to other services: requests go out on one line, replies come in on it."""

import logging
import uuid
from functools import partial
from itertools import count
from time import monotonic
from typing import Any

import amqp
import eventlet
import orjson
from eventlet import Timeout
from eventlet.event import Event
from nameko import config
from nameko.constants import HEADER_PREFIX
from nameko.containers import WorkerContext
from nameko.exceptions import deserialize
from nameko.extensions import DependencyProvider, SharedExtension

from common.deadlines import remaining
from common.errors import Unavailable, deadline_exceeded, service_unavailable
from common.json import dumps
from common.resilience import guard_of
from common.wire import frames
from common.wire.line import Line, Lost

log = logging.getLogger(__name__)

EXCHANGE = "nameko-rpc"
CHANNEL = 1
DEFAULT_DEADLINE = 5.0
# What a caller keeps of its own deadline to answer with.
MARGIN = 0.01
# A method named so changes nothing, and may be called again.
READS = ("get_", "list_", "quote_")
RETRIED = "service_unavailable"
TRANSIENT = 1


class Caller(SharedExtension):
    """The line of this process for calls, and who waits for which reply.

    Replies come to a queue of this connection alone.  A request that nobody
    listens for is returned; when the connection is lost or blocked, everybody
    who waits is told at once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pending: dict[str, Event] = {}
        self.exchanges = {EXCHANGE}

    def setup(self) -> None:
        self.line = Line(f"{self.container.service_name} calls", self)
        self.correlation_ids = map(f"{uuid.uuid4()}-{{}}".format, count())

    def start(self) -> None:
        self.line.start(self.container)

    def stop(self) -> None:
        self.line.close()

    def call(
        self, routing_key: str, kwargs: dict[str, Any], context: dict, seconds: float
    ) -> dict[str, Any]:
        """The reply's body; raises ``Unavailable`` after ``seconds`` or sooner.

        Raises ``Lost`` where it is the broker that is away or takes no messages.
        """
        correlation_id = next(self.correlation_ids)
        self.pending[correlation_id] = answered = Event()
        try:
            self.send(routing_key, kwargs, context, seconds, correlation_id)
            with Timeout(seconds, deadline_exceeded()):
                return answered.wait()
        finally:
            self.pending.pop(correlation_id, None)

    def send(
        self,
        routing_key: str,
        kwargs: dict[str, Any],
        context: dict,
        seconds: float,
        correlation_id: str,
    ) -> None:
        if not self.line.open:
            raise Lost
        properties = {
            "content_type": "application/json",
            "content_encoding": "utf-8",
            "headers": headers(context),
            "delivery_mode": TRANSIENT,
            "correlation_id": correlation_id,
            "reply_to": self.reply_to,
            "expiration": str(max(1, int(seconds * 1000))),
        }
        self.publish(
            EXCHANGE,
            routing_key,
            properties,
            dumps({"args": (), "kwargs": kwargs}),
            mandatory=True,
        )

    def publish(
        self,
        exchange: str,
        routing_key: str,
        properties: dict[str, Any],
        body: bytes,
        mandatory: bool = False,
    ) -> None:
        """Send a message whose loss would be noticed, or would not matter."""
        self.line.write(
            frames.publish(
                CHANNEL,
                exchange,
                routing_key,
                properties,
                body,
                mandatory=mandatory,
                frame_max=self.line.frame_max,
            )
        )

    def opened(self, connection: amqp.Connection) -> None:
        # A name of its own each time: the broker may take a while to notice that
        # the last connection, whose queue nobody else may use, is gone.
        self.reply_to = str(uuid.uuid4())
        queue = f"rpc.reply-{self.container.service_name}-{self.reply_to}"
        channel = connection.channel(CHANNEL)
        for exchange in self.exchanges:
            channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
        channel.queue_declare(queue, exclusive=True, auto_delete=True)
        channel.queue_bind(queue, EXCHANGE, self.reply_to)
        channel.basic_consume(queue, no_ack=True)

    def delivered(self, key: str, tag: int, properties: dict, body: bytes) -> None:
        waiting = self.pending.pop(properties.get("correlation_id", ""), None)
        if waiting is None:
            return
        try:
            waiting.send(orjson.loads(body))
        except ValueError:
            waiting.send_exception(service_unavailable())

    def returned(self, properties: dict) -> None:
        waiting = self.pending.pop(properties.get("correlation_id", ""), None)
        if waiting is not None:
            waiting.send_exception(service_unavailable())

    def blocked(self) -> None:
        self.lost()

    def lost(self) -> None:
        """Tell everybody who waits; the next call may find a new connection."""
        pending, self.pending = self.pending, {}
        for waiting in pending.values():
            waiting.send_exception(Lost())


def headers(context: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{HEADER_PREFIX}.{name}": value
        for name, value in context.items()
        if value is not None
    }


class ServiceRpc(DependencyProvider):
    """``self.neighbour.method(**kwargs)`` calls a method of another service.

    It raises the refusal that the other answers, and ``Unavailable`` when there
    is no answer: after ``RPC_DEADLINE`` seconds (of the configuration) or what
    is left of the worker's own deadline, and at once when nobody listens, the
    broker is away, or the other has too much to do or too much trouble.

    With ``RPC_RETRIES`` a read that found nobody is tried that often again, as
    far as the target's budget goes.
    """

    caller = Caller()

    def __init__(self, target_service: str) -> None:
        super().__init__()
        self.target_service = target_service

    def setup(self) -> None:
        self.guard = guard_of(self.target_service)

    def get_dependency(self, worker_ctx: WorkerContext) -> "Neighbour":
        return Neighbour(self, worker_ctx.context_data)


class Neighbour:
    """Another service: ``neighbour.method(**kwargs)`` calls it."""

    def __init__(self, provider: ServiceRpc, context: dict[str, Any]) -> None:
        self._provider = provider
        self._context = context

    def __getattr__(self, method: str) -> Any:
        return partial(self._call, method)

    def _call(self, method: str, /, **kwargs: Any) -> Any:
        tries = config.get("RPC_RETRIES", 0) if method.startswith(READS) else 0
        guard = self._provider.guard
        for retry in range(tries):
            try:
                return self._try(method, kwargs)
            except Unavailable as trouble:
                if trouble.code != RETRIED or not guard.may_retry():
                    raise
                eventlet.sleep(guard.pause(retry))
        return self._try(method, kwargs)

    def _try(self, method: str, kwargs: dict[str, Any]) -> Any:
        provider, context = self._provider, self._context
        most = config.get("RPC_DEADLINE", DEFAULT_DEADLINE)
        seconds = remaining(context, most + MARGIN) - MARGIN
        if seconds <= 0:
            raise deadline_exceeded()
        key = f"{provider.target_service}.{method}"
        with provider.guard.admit(context.get("value", "normal"), seconds) as permit:
            started = monotonic()
            try:
                reply = provider.caller.call(key, kwargs, context, seconds)
            except Lost:
                # That says nothing about the target.
                permit.abandoned()
                raise service_unavailable() from None
            waited = queued(reply, monotonic() - started)
            if not reply.get("error"):
                permit.succeeded(waited)
                return reply["result"]
            error = deserialize(reply["error"])
            if not isinstance(error, Unavailable):
                permit.succeeded(waited)
            raise error


def queued(reply: dict[str, Any], seconds: float) -> float | None:
    """How long a call waited for its turn; a stock service does not tell."""
    ms = reply.get("ms")
    return None if ms is None else max(0.0, seconds - ms / 1000)
