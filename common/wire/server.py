"""The line of a process for being called: requests come in, replies go out."""

import logging
import re
import sys
from contextlib import suppress

import amqp
import eventlet
from eventlet.event import Event
from nameko import config
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import ProviderCollector, SharedExtension

from common.logs.calls import tell
from common.metrics.pools import POOLS
from common.wire import frames
from common.wire.counting import Counting
from common.wire.line import Line, Lost
from common.wire.replies import answerable, has_strayed
from common.wire.request import Request

log = logging.getLogger(__name__)

EXCHANGE = "nameko-rpc"
REQUESTS, REPLIES = 1, 2
TRANSIENT = 1
DRAIN_SECONDS = 20.0
DEFAULT_WORKERS = 10


class Server(ProviderCollector, SharedExtension):
    """The line of this process for being called."""

    @property
    def workers(self) -> int:
        """As many as requests come in at once, and nobody else's."""
        return config.get("RPC_WORKERS", DEFAULT_WORKERS)

    def setup(self) -> None:
        name = self.container.service_name
        self.queue = f"rpc-{name}"
        self.binding = f"{name}.*"
        self.answerable = re.compile(answerable(name))
        self.counting = Counting()
        POOLS.watch("rpc", self, lambda server: (len(server.running), server.workers))
        self.line = Line(f"{name} answers", self)
        self.running: set[Request] = set()
        self.orphans: dict[tuple[str, str], Request] = {}
        self.idle: Event | None = None

    def start(self) -> None:
        name = self.container.service_name
        self.methods = {f"{name}.{each.method_name}": each for each in self._providers}
        self.counting.know(self.methods)
        self.line.start(self.container)

    def stop(self) -> None:
        """Take no more, finish what runs, hang up."""
        if self.line.closing:
            return
        self.line.closing = True
        with eventlet.Timeout(DRAIN_SECONDS, False), suppress(Lost):
            self.line.cancel(REQUESTS, self.queue)
            if self.running:
                self.idle = Event()
                self.idle.wait()
        self.line.close()

    def opened(self, connection: amqp.Connection) -> None:
        # A reply that the broker refuses closes its channel, not that of the requests.
        connection.channel(REPLIES)
        channel = connection.channel(REQUESTS)
        channel.queue_declare(self.queue, durable=True, auto_delete=False)
        channel.queue_bind(self.queue, EXCHANGE, self.binding)
        channel.basic_qos(0, self.workers, False)
        channel.basic_consume(self.queue, consumer_tag=self.queue)

    def returned(self, properties: dict) -> None:
        """Replies are not mandatory: a caller may be gone."""

    def blocked(self) -> None:
        """Replies wait until the broker takes them, or their callers give up."""

    def lost(self) -> None:
        """What runs goes on; the broker gives its request away, maybe to us."""
        self.orphans = {r.call: r for r in self.running if r.correlation_id}
        self.running.clear()
        self.rest()

    def end(self, request: Request) -> None:
        self.running.discard(request)
        self.rest()

    def rest(self) -> None:
        if self.idle and not self.running:
            self.idle.send()
            self.idle = None

    def delivered(self, key: str, tag: int, properties: dict, body: bytes) -> None:
        answerable = self.answerable.fullmatch(properties.get("reply_to", ""))
        if not answerable or has_strayed(properties):
            log.warning("a request for %s is not to be answered", key)
            self.line.write(frames.reject(REQUESTS, tag))
            return
        request = Request(self, key, tag, properties)
        self.counting.begun(request)
        orphan = self.orphans.pop(request.call, None)
        if orphan is None:
            self.begin(request, body)
        else:
            self.adopt(orphan, tag)

    def begin(self, request: Request, body: bytes) -> None:
        self.running.add(request)
        try:
            request.run(body)
        except ContainerBeingKilled:
            """The broker gives the request to somebody else when we are gone."""
        except Exception as refused:
            self.note(request, type(refused).__name__)
            request.answer(None, None, sys.exc_info())

    def note(self, request: Request, outcome: str) -> None:
        """What got no worker leaves a line all the same."""
        call = {"kind": "rpc", "entrypoint": request.key, "outcome": outcome}
        if "nameko.request_id" in request.headers:
            call["request_id"] = request.headers["nameko.request_id"]
        tell(log, logging.WARNING, "rpc", call)

    def adopt(self, orphan: Request, tag: int) -> None:
        """It has come back to us, who are at work on it or already done."""
        orphan.tag = tag
        self.running.add(orphan)
        if orphan.payload is not None:
            self.answered(orphan, orphan.payload)

    def answered(self, request: Request, payload: bytes) -> None:
        """Reply and acknowledge, unless the request is not ours for the moment."""
        if request not in self.running:
            request.payload = payload
            return
        try:
            said = self.reply(request, payload) + frames.ack(REQUESTS, request.tag)
        except Exception:
            log.exception("%s cannot be answered", request.key)
            said = frames.reject(REQUESTS, request.tag)
        try:
            self.line.write(said)
        except Lost:
            log.warning("%s could not be answered: no broker", request.key)
        self.end(request)

    def reply(self, request: Request, payload: bytes) -> bytes:
        properties = {
            "content_type": "application/json",
            "content_encoding": "utf-8",
            "delivery_mode": TRANSIENT,
            "correlation_id": request.correlation_id,
        }
        return frames.publish(
            REPLIES,
            EXCHANGE,
            request.reply_to,
            properties,
            payload,
            frame_max=self.line.frame_max,
        )

    def dropped(self, request: Request) -> None:
        """Its caller has given up: nobody would hear the answer."""
        self.note(request, "deadline_exceeded")
        self.line.write(frames.ack(REQUESTS, request.tag))
        self.counting.dropped(request)
        self.end(request)
