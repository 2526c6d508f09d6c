"""Calls to other services, each within its deadline and what its target bears."""

from functools import partial
from time import monotonic
from typing import Any

import eventlet
from nameko import config
from nameko.containers import WorkerContext
from nameko.exceptions import deserialize
from nameko.extensions import DependencyProvider

from common import tracing
from common.chaos import fault
from common.deadlines import DEADLINE, remaining, within
from common.discovery import DIRECTORY
from common.errors import Unavailable, deadline_exceeded, service_unavailable
from common.json import dumps
from common.resilience import guard_of
from common.tracing import Kind, Span
from common.wire.caller import Caller
from common.wire.line import Lost

# Of the time that is left, for who asks to tell what came of it.
MOST_SPARED = 0.2
DEFAULT_DEADLINE = 5.0
# What a caller keeps of its own deadline to answer with.
MARGIN = 0.01
# A method named so changes nothing, and may be called again.
READS = ("get_", "list_", "quote_")
RETRIED = "service_unavailable"


class ServiceRpc(DependencyProvider):
    """``self.neighbour.method(**kwargs)`` calls a method of another service.

    It raises the refusal that the other answers, and ``Unavailable`` when there
    is no answer: after ``RPC_DEADLINE`` seconds (of the configuration) or what
    is left of the worker's own deadline, and at once when nobody listens, the
    broker is away, no instance of the other is well as far as Consul knows, or it
    has too much to do or too much trouble.

    Calls that may not crowd out others of the same target have a ``guard`` of
    their own: its name in ``RESILIENCE``.

    With ``RPC_RETRIES`` a read that found nobody is tried that often again, as
    far as the target's budget goes.
    """

    caller = Caller()

    def __init__(
        self, target_service: str, guard: str | None = None, spare: float = MARGIN
    ) -> None:
        super().__init__()
        self.target_service = target_service
        self.spare = spare
        self.guard_name = guard or target_service

    def setup(self) -> None:
        self.guard = guard_of(self.guard_name)

    def get_dependency(self, worker_ctx: WorkerContext) -> "Neighbour":
        return Neighbour(self, worker_ctx.context_data)


class Neighbour:
    """Another service: ``neighbour.method(**kwargs)`` calls it."""

    def __init__(self, provider: ServiceRpc, context: dict[str, Any]) -> None:
        self._provider = provider
        self._context = context

    def __getattr__(self, method: str) -> Any:
        return partial(self._call, method)

    def _told(self, more: dict[str, Any]) -> "Neighbour":
        """The same, which is told ``more`` of who is asking and until when."""
        return Neighbour(self._provider, {**self._context, **more})

    def _call(self, method: str, /, **kwargs: Any) -> Any:
        if self._provider.target_service in DIRECTORY.away:
            with span_of(self._provider.target_service, method):
                raise self._provider.guard.turn_away()
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
        with span_of(self._provider.target_service, method):
            return self._ask(method, kwargs)

    def _ask(self, method: str, kwargs: dict[str, Any]) -> Any:
        provider, context = self._provider, self._context
        most = config.get("RPC_DEADLINE", DEFAULT_DEADLINE)
        left = remaining(context, most + provider.spare)
        # Of a short time, only a part is kept: a read has to be made, after all.
        seconds = left - min(provider.spare, left * MOST_SPARED)
        if seconds <= 0:
            raise deadline_exceeded()
        key = f"{provider.target_service}.{method}"
        body = dumps({"args": (), "kwargs": kwargs})
        context = {DEADLINE: within(seconds), **context}
        with provider.guard.admit(context.get("value", "normal"), seconds) as permit:
            started = monotonic()
            name = provider.target_service
            seconds -= fault(name, service_unavailable, seconds, deadline_exceeded)
            try:
                reply = provider.caller.call(key, body, context, seconds)
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


def span_of(service: str, method: str) -> Span:
    described = {"rpc.system": "nameko", "rpc.service": service, "rpc.method": method}
    return tracing.span(f"{service}/{method}", Kind.CLIENT, described)


def queued(reply: dict[str, Any], seconds: float) -> float | None:
    """How long a call waited for its turn; a stock service does not tell."""
    ms = reply.get("ms")
    return None if ms is None else max(0.0, seconds - ms / 1000)
