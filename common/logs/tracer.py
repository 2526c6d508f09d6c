"""nameko-tracer, told what a line of ours says: one for each call, at its end."""

import logging
from time import perf_counter
from typing import Any

import nameko_tracer
from nameko.containers import WorkerContext
from nameko.events import EventHandler
from nameko.extensions import DependencyProvider, Entrypoint
from nameko.rpc import Rpc
from nameko.timer import Timer
from nameko_tracer.constants import ADAPTERS_CONFIG_KEY, CONFIG_KEY

from common.logs import errors, lines
from common.logs.adapters import Adapter, EventAdapter, RpcAdapter, TimerAdapter

log = logging.getLogger(__name__)

ADAPTERS = {Rpc: RpcAdapter, EventHandler: EventAdapter, Timer: TimerAdapter}


class Tracer(nameko_tracer.Tracer):
    """Configured as nameko-tracer is: ``TRACER: ADAPTERS:`` names other adapters.

    What an entrypoint's class has no adapter for is told as its base class is.
    """

    # That a call has begun is told when it has ended.
    worker_setup = DependencyProvider.worker_setup

    def __init__(self) -> None:
        super().__init__()
        self.adapters: dict[Entrypoint, Adapter] = {}

    def setup(self) -> None:
        name = self.container.service_name
        lines.owner["service"] = name
        errors.publish()
        self.logger = logging.getLogger(f"{name}.calls")
        self.adapter_types = dict(ADAPTERS)
        configured = self.container.config.get(CONFIG_KEY, {})
        self.configure_adapter_types(configured.get(ADAPTERS_CONFIG_KEY, {}))

    def adapter_factory(self, worker_ctx: WorkerContext) -> Adapter:
        kinds = type(worker_ctx.entrypoint).__mro__
        found = filter(None, map(self.adapter_types.get, kinds))
        made: Adapter = next(found, Adapter)(self.logger, {})
        self.adapters[worker_ctx.entrypoint] = made
        return made

    def get_dependency(self, worker_ctx: WorkerContext) -> None:
        worker_ctx.began = perf_counter()

    def worker_result(
        self, worker_ctx: WorkerContext, result: Any = None, exc_info: Any = None
    ) -> None:
        adapter = self.adapters.get(worker_ctx.entrypoint)
        try:
            adapter = adapter or self.adapter_factory(worker_ctx)
            adapter.tell(worker_ctx, result, exc_info[1] if exc_info else None)
        except Exception as trouble:
            log.warning("a call is not told: %s", type(trouble).__name__)
