"""Failures of a request whose client was answered before: time was up."""

from typing import Any

from nameko.containers import WorkerContext

from common.logs.adapters import Adapter


class LateAdapter(Adapter):
    """All else is told by the door."""

    kind = "http"

    def tell(
        self, worker_ctx: WorkerContext, result: Any, trouble: BaseException | None
    ) -> None:
        was_answered = worker_ctx.args[0].outcome is not None
        expected = worker_ctx.entrypoint.expected_exceptions
        if trouble and was_answered and not isinstance(trouble, expected):
            super().tell(worker_ctx, result, trouble)
