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

from common import tracing
from common.errors import deadline_exceeded, service_unavailable
from common.tracing.context import HEADER as TRACEPARENT
from common.wire import frames
from common.wire.counting import sent_now
from common.wire.line import Line, Lost
from common.wire.replies import has_strayed, reply_key

EXCHANGE = "nameko-rpc"
CHANNEL = 1
TRANSIENT = 1


class Caller(SharedExtension):
    """The line of this process for calls, and who waits for which reply.

    Replies come to a queue of this connection alone, and count only under the
    key of whom was asked.  A request that nobody listens for is returned; when
    the connection is lost or blocked, everybody who waits is told at once.
    """

    def __init__(self) -> None:
        super().__init__()
        # By the key and the id that the reply has to have.
        self.pending: dict[tuple[str, str], Event] = {}

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
        if not self.line.open:
            raise Lost
        call = self.reply_to(routing_key), next(self.correlation_ids)
        self.pending[call] = answered = Event()
        try:
            self.send(routing_key, body, context, seconds, call)
            with Timeout(seconds, deadline_exceeded()):
                return answered.wait()
        finally:
            self.pending.pop(call, None)

    def reply_to(self, routing_key: str) -> str:
        callee = routing_key.partition(".")[0]
        return reply_key(self.container.service_name, callee, self.address)

    def send(
        self,
        routing_key: str,
        body: bytes,
        context: dict[str, Any],
        seconds: float,
        call: tuple[str, str],
    ) -> None:
        reply_to, correlation_id = call
        properties = {
            "content_type": "application/json",
            "content_encoding": "utf-8",
            "headers": headers(context) | sent_now(),
            "delivery_mode": TRANSIENT,
            "correlation_id": correlation_id,
            "reply_to": reply_to,
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
        self.address = str(uuid.uuid4())
        name = self.container.service_name
        queue = f"rpc.reply-{name}-{self.address}"
        channel = connection.channel(CHANNEL)
        channel.queue_declare(queue, exclusive=True, auto_delete=True)
        channel.queue_bind(queue, EXCHANGE, reply_key(name, "*", self.address))
        channel.basic_consume(queue, no_ack=True)

    def delivered(self, key: str, tag: int, properties: dict, body: bytes) -> None:
        call = key, properties.get("correlation_id", "")
        if call not in self.pending or has_strayed(properties):
            return
        waiting = self.pending.pop(call)
        try:
            reply = orjson.loads(body)
        except ValueError:
            reply = None
        if isinstance(reply, dict):
            waiting.send(reply)
        else:
            waiting.send_exception(service_unavailable())

    def returned(self, properties: dict) -> None:
        call = properties.get("reply_to", ""), properties.get("correlation_id", "")
        waiting = self.pending.pop(call, None)
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
    told = {
        f"{HEADER_PREFIX}.{name}": value
        for name, value in context.items()
        if value is not None
    }
    span = tracing.current()
    if span is not None:
        # By W3C's own name; under Nameko's, it would still be the caller's parent.
        told.pop(f"{HEADER_PREFIX}.{TRACEPARENT}", None)
        told[TRACEPARENT] = tracing.header_of(span)
    return told
