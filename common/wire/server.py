"""Calls from other services: requests come in on one line, replies go out on it."""

import inspect
import logging
import re
import sys
from contextlib import suppress
from time import perf_counter
from typing import Any

import amqp
import eventlet
import nameko.rpc
import orjson
from eventlet.event import Event
from nameko import config
from nameko.constants import HEADER_PREFIX
from nameko.exceptions import (
    ContainerBeingKilled,
    IncorrectSignature,
    MalformedRequest,
    MethodNotFound,
    UnserializableValueError,
    serialize,
)
from nameko.extensions import ProviderCollector, SharedExtension

from common.deadlines import remaining
from common.json import dumps
from common.wire import frames
from common.wire.line import Line, Lost

log = logging.getLogger(__name__)

EXCHANGE = "nameko-rpc"
REQUESTS, REPLIES = 1, 2
TRANSIENT = 1
DRAIN_SECONDS = 20.0
DEFAULT_WORKERS = 10
CONTEXT = len(HEADER_PREFIX) + 1
# Replies go where Nameko's callers listen: to a key that is a UUID.  Any other
# could be the key of somebody's requests.
REPLY_TO = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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
        self.line = Line(f"{name} answers", self)
        self.running: set[Request] = set()
        self.idle: Event | None = None

    def start(self) -> None:
        name = self.container.service_name
        self.methods = {f"{name}.{each.method_name}": each for each in self._providers}
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
        channel.exchange_declare(EXCHANGE, "topic", durable=True, auto_delete=False)
        channel.queue_declare(self.queue, durable=True, auto_delete=False)
        channel.queue_bind(self.queue, EXCHANGE, self.binding)
        channel.basic_qos(0, self.workers, False)
        channel.basic_consume(self.queue, consumer_tag=self.queue)

    def returned(self, properties: dict) -> None:
        """Replies are not mandatory: a caller may be gone."""

    def blocked(self) -> None:
        """Replies wait until the broker takes them, or their callers give up."""

    def lost(self) -> None:
        """What runs goes on; the broker gives its request to somebody else."""
        self.running.clear()
        self.rest()

    def end(self, request: "Request") -> None:
        self.running.discard(request)
        self.rest()

    def rest(self) -> None:
        if self.idle and not self.running:
            self.idle.send()
            self.idle = None

    def delivered(self, key: str, tag: int, properties: dict, body: bytes) -> None:
        reply_to = properties.get("reply_to", "")
        if not REPLY_TO.fullmatch(reply_to):
            log.warning("a request for %s cannot be answered", key)
            self.line.write(frames.reject(REQUESTS, tag))
            return
        request = Request(self, key, tag, properties)
        self.running.add(request)
        try:
            request.run(body)
        except ContainerBeingKilled:
            """The broker gives the request to somebody else when we are gone."""
        except Exception:
            request.answer(None, None, sys.exc_info())

    def answered(self, request: "Request", payload: bytes) -> None:
        """Reply and acknowledge, unless the request is somebody else's by now."""
        if request not in self.running:
            return
        properties = {
            "content_type": "application/json",
            "content_encoding": "utf-8",
            "delivery_mode": TRANSIENT,
            "correlation_id": request.correlation_id,
        }
        reply = frames.publish(
            REPLIES,
            EXCHANGE,
            request.reply_to,
            properties,
            payload,
            frame_max=self.line.frame_max,
        )
        try:
            self.line.write(reply + frames.ack(REQUESTS, request.tag))
        except Lost:
            log.warning("%s could not be answered: no broker", request.key)
        self.end(request)

    def dropped(self, request: "Request") -> None:
        """Its caller has given up: nobody would hear the answer."""
        self.line.write(frames.ack(REQUESTS, request.tag))
        self.end(request)


class Request:
    """One call, from its delivery to its answer."""

    __slots__ = (
        "correlation_id",
        "headers",
        "key",
        "reply_to",
        "server",
        "started",
        "tag",
        "type",
    )

    def __init__(self, server: Server, key: str, tag: int, properties: dict) -> None:
        self.server, self.key, self.tag = server, key, tag
        self.reply_to = properties["reply_to"]
        self.correlation_id = properties.get("correlation_id", "")
        self.headers = properties.get("headers") or {}
        self.type = properties.get("content_type")
        self.started = perf_counter()

    def run(self, body: bytes) -> None:
        context = context_data(self.headers)
        if remaining(context, 1.0) <= 0:
            self.server.dropped(self)
            return
        provider = self.server.methods.get(self.key)
        if provider is None:
            raise MethodNotFound(self.key.rpartition(".")[2])
        args, kwargs = self.arguments(body)
        provider.check_signature(args, kwargs)
        self.server.container.spawn_worker(
            provider,
            args,
            kwargs,
            context_data=context,
            handle_result=self.answer,
        )

    def arguments(self, body: bytes) -> tuple[list[Any], dict[str, Any]]:
        if self.type != "application/json":
            raise MalformedRequest(f"{self.type} is not application/json")
        try:
            request = orjson.loads(body)
            return request["args"], request["kwargs"]
        except (ValueError, KeyError, TypeError):
            raise MalformedRequest("Message is not {args, kwargs} in JSON") from None

    def answer(self, worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        error = serialize(exc_info[1]) if exc_info else None
        try:
            payload = dumps(self.reply(result, error))
        except TypeError:
            exc_info = sys.exc_info()
            result, error = None, serialize(UnserializableValueError(result))
            payload = dumps(self.reply(result, error))
        self.server.answered(self, payload)
        return result, exc_info

    def reply(self, result: Any, error: Any) -> dict[str, Any]:
        """What Nameko's callers read, and how long it took us, in milliseconds."""
        ms = round((perf_counter() - self.started) * 1000, 2)
        return {"result": result, "error": error, "ms": ms}


def context_data(headers: dict[str, Any]) -> dict[str, Any]:
    return {
        name[CONTEXT:]: value
        for name, value in headers.items()
        if name.startswith(HEADER_PREFIX)
    }


class Rpc(nameko.rpc.Rpc):
    """Nameko's entrypoint on our line; its signature is read once."""

    rpc_consumer = Server()

    def setup(self) -> None:
        super().setup()
        method = getattr(self.container.service_cls, self.method_name)
        self.signature = inspect.signature(method)
        parameters = list(self.signature.parameters.values())[1:]
        self.known = {each.name for each in parameters}
        self.needed = {
            each.name for each in parameters if each.default is inspect.Parameter.empty
        }

    def stop(self) -> None:
        self.rpc_consumer.stop()

    def check_signature(self, args: list[Any], kwargs: dict[str, Any]) -> None:
        if not args and self.needed <= kwargs.keys() <= self.known:
            return
        try:
            self.signature.bind(None, *args, **kwargs)
        except TypeError as wrong:
            raise IncorrectSignature(str(wrong)) from None
