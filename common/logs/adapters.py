"""What a call's line says of it, by the kind of its entrypoint.

nameko-tracer's own adapters tell arguments, answers and exceptions in full; these
tell what is known to be harmless.
"""

import inspect
import logging
from collections.abc import Iterator
from time import perf_counter
from typing import Any

from nameko.containers import WorkerContext
from nameko_tracer.adapters import DefaultAdapter

from common.errors import Refusal, Unavailable
from common.ids import is_id
from common.logs.calls import OK, tell
from common.logs.redaction import shown

UNEXPECTED = "unexpected"


class Adapter(DefaultAdapter):
    """Of an entrypoint that nobody knows more of: no arguments."""

    kind = "call"

    def tell(
        self, worker_ctx: WorkerContext, result: Any, trouble: BaseException | None
    ) -> None:
        level = self.level(worker_ctx, result, trouble)
        if not self.logger.isEnabledFor(level):
            return
        call: dict[str, Any] = {
            "kind": self.kind,
            "entrypoint": worker_ctx.entrypoint.method_name,
            "outcome": outcome_of(trouble),
            "duration_ms": round((perf_counter() - worker_ctx.began) * 1000, 2),
        }
        if request_id := self.request_id(worker_ctx):
            call["request_id"] = request_id
        if user_id := user_id_of(worker_ctx):
            call["user_id"] = user_id
        arguments, _ = self.get_call_args(worker_ctx)
        if arguments:
            call["arguments"] = arguments
        self.add(call, result)
        frames = trouble if level >= logging.ERROR else None
        tell(self.logger, level, self.kind, call, frames)

    def level(
        self, worker_ctx: WorkerContext, result: Any, trouble: BaseException | None
    ) -> int:
        if trouble is None:
            return logging.INFO
        if isinstance(trouble, Unavailable):
            return logging.WARNING
        expected = worker_ctx.entrypoint.expected_exceptions
        is_answer = isinstance(trouble, (Refusal, expected))
        return logging.INFO if is_answer else logging.ERROR

    def get_call_args(self, worker_ctx: WorkerContext) -> tuple[Any, bool]:
        """What of the arguments is shown, and whether some are not."""
        return None, True

    def request_id(self, worker_ctx: WorkerContext) -> Any:
        return worker_ctx.context_data.get("request_id")

    def add(self, call: dict[str, Any], result: Any) -> None:
        """What else is to be told of an entrypoint of this kind."""


class RpcAdapter(Adapter):
    kind = "rpc"

    def get_call_args(self, worker_ctx: WorkerContext) -> tuple[Any, bool]:
        entrypoint = worker_ctx.entrypoint
        given = worker_ctx.kwargs
        if worker_ctx.args:
            given = dict(positional(worker_ctx)) | given
        sensitive = entrypoint.sensitive_arguments
        if isinstance(sensitive, str):
            sensitive = (sensitive,)
        return shown(given, sensitive), True


class EventAdapter(Adapter):
    """Of an event only which it was; a handler that gives up is in trouble."""

    kind = "event"

    def level(
        self, worker_ctx: WorkerContext, result: Any, trouble: BaseException | None
    ) -> int:
        return logging.ERROR if trouble else logging.INFO

    def get_call_args(self, worker_ctx: WorkerContext) -> tuple[Any, bool]:
        told = {"event_type": worker_ctx.entrypoint.event_type}
        event_id = envelope_of(worker_ctx).get("id")
        return told | ({"event_id": event_id} if is_id(event_id) else {}), True

    def request_id(self, worker_ctx: WorkerContext) -> Any:
        return envelope_of(worker_ctx).get("correlation_id")


class TimerAdapter(Adapter):
    """What a timer answers is how much it did; nothing is not worth a line."""

    kind = "timer"

    def level(
        self, worker_ctx: WorkerContext, result: Any, trouble: BaseException | None
    ) -> int:
        if trouble is None and not result:
            return logging.DEBUG
        return super().level(worker_ctx, result, trouble)

    def add(self, call: dict[str, Any], result: Any) -> None:
        if isinstance(result, int):
            call["done"] = result


def outcome_of(trouble: BaseException | None) -> str:
    if trouble is None:
        return OK
    return trouble.code if isinstance(trouble, Refusal) else UNEXPECTED


def user_id_of(worker_ctx: WorkerContext) -> str | None:
    """Who the call was for, if anybody has asked: their token is not read for this."""
    person = getattr(worker_ctx.service, "identity", None)
    caller = getattr(person, "known", None)
    return caller and caller.id


def positional(worker_ctx: WorkerContext) -> Iterator[tuple[str, Any]]:
    """The arguments that came without their names, as a stock client may send them."""
    method = getattr(
        worker_ctx.container.service_cls, worker_ctx.entrypoint.method_name
    )
    names = list(inspect.signature(method).parameters)[1:]
    return zip(names, worker_ctx.args, strict=False)


def envelope_of(worker_ctx: WorkerContext) -> dict[str, Any]:
    event = worker_ctx.args[0] if worker_ctx.args else None
    return event if isinstance(event, dict) else {}
