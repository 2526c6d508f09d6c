"""The line of a process for calls: requests go out on it, replies come in."""

import uuid
from itertools import count
from typing import Any

import amqp
import orjson
from eventlet import Timeout
from eventlet.event import Event
from nameko.constants import HEADER_PREFIX
from nameko.extensions import SharedExtension

from common.errors import deadline_exceeded, service_unavailable
from common.wire import frames
from common.wire.line import Line, Lost

EXCHANGE = "nameko-rpc"
CHANNEL = 1
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
        self, routing_key: str, body: bytes, context: dict[str, Any], seconds: float
    ) -> dict[str, Any]:
        """The reply's body; raises ``Unavailable`` after ``seconds`` or sooner.

        Raises ``Lost`` where it is the broker that is away or takes no messages.
        """
        correlation_id = next(self.correlation_ids)
        self.pending[correlation_id] = answered = Event()
        try:
            self.send(routing_key, body, context, seconds, correlation_id)
            with Timeout(seconds, deadline_exceeded()):
                return answered.wait()
        finally:
            self.pending.pop(correlation_id, None)

    def send(
        self,
        routing_key: str,
        body: bytes,
        context: dict[str, Any],
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
        self.publish(EXCHANGE, routing_key, properties, body, mandatory=True)

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
            reply = orjson.loads(body)
        except ValueError:
            reply = None
        if isinstance(reply, dict):
            waiting.send(reply)
        else:
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
