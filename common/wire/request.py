"""One call from another service, from its delivery to its answer."""

import sys
from time import perf_counter
from typing import Any

import orjson
from nameko.constants import HEADER_PREFIX
from nameko.exceptions import (
    MalformedRequest,
    MethodNotFound,
    UnserializableValueError,
    serialize,
)

from common.deadlines import remaining
from common.json import dumps
from common.tracing.context import HEADER as TRACEPARENT

CONTEXT = len(HEADER_PREFIX) + 1


class Request:
    """``server`` is told how it ended: ``answered`` or ``dropped``."""

    __slots__ = (
        "correlation_id",
        "headers",
        "key",
        "payload",
        "reply_to",
        "server",
        "started",
        "tag",
        "type",
    )

    def __init__(self, server: Any, key: str, tag: int, properties: dict) -> None:
        self.server, self.key, self.tag = server, key, tag
        self.reply_to = properties["reply_to"]
        self.correlation_id = properties.get("correlation_id", "")
        self.headers = properties.get("headers") or {}
        self.type = properties.get("content_type")
        self.started = perf_counter()
        # The answer, when it is ready while the broker is not.
        self.payload: bytes | None = None

    @property
    def call(self) -> tuple[str, str]:
        """Which call this is, however often the broker delivers it."""
        return self.reply_to, self.correlation_id

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
        self.server.counting.ended(self, exc_info)
        self.server.answered(self, payload)
        return result, exc_info

    def reply(self, result: Any, error: Any) -> dict[str, Any]:
        """What Nameko's callers read, and how long it took us, in milliseconds."""
        ms = round((perf_counter() - self.started) * 1000, 2)
        return {"result": result, "error": error, "ms": ms}


def context_data(headers: dict[str, Any]) -> dict[str, Any]:
    """What the caller tells of whom it calls for; of its span, by W3C's own name."""
    context = {
        name[CONTEXT:]: value
        for name, value in headers.items()
        if name.startswith(HEADER_PREFIX)
    }
    if TRACEPARENT in headers:
        context[TRACEPARENT] = headers[TRACEPARENT]
    return context
