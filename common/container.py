"""Nameko's container, with workers at less cost and an end within limits.

On SIGTERM a process is first no longer found, then takes no more work,
finishes what it has, and hangs up: within ``DRAIN_SECONDS``.
"""

import gc
import logging
import sys
from collections.abc import Callable
from functools import cached_property
from time import monotonic
from typing import Any

import eventlet
from eventlet.event import Event
from eventlet.greenpool import GreenPool
from nameko import config
from nameko.containers import ServiceContainer as NamekoContainer
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider, Entrypoint, ProviderCollector
from nameko.utils.concurrency import SpawningSet

from common.broker import settle

log = logging.getLogger(__name__)

DRAIN_SECONDS = 20.0
# For a process that is told to stop while it starts.
START_SECONDS = 5.0
# What is kept of that for the connections to be closed, twice.
STOP_SECONDS = 1.5
STAGES = ("worker_setup", "worker_result", "worker_teardown")


class ServiceContainer(NamekoContainer):
    """Nobody waits for another's worker.

    Whoever takes messages has as many ``workers`` of its own as it takes at
    once; ``max_workers`` of the configuration are for all the others.
    """

    def __init__(self, service_cls: type) -> None:
        settle(config)
        super().__init__(service_cls)
        own = sum(getattr(each, "workers", 0) for each in self.extensions)
        self.max_workers += own
        # Work of a connection that was lost may still run beside that of the next.
        self._worker_pool = GreenPool(self.max_workers + own)
        self.opened = Event()

    def start(self) -> None:
        """Let work in when everybody who is needed for it is there."""
        self.started = True
        self.extensions.all.setup()
        let_in = {
            each
            for each in self.extensions
            if isinstance(each, Entrypoint | ProviderCollector)
        }
        SpawningSet(self.extensions - let_in).all.start()
        SpawningSet(let_in).all.start()
        self.opened.send()
        # What is here now is here to stay: the collector need not look at it again.
        gc.collect()
        gc.freeze()

    @cached_property
    def stages(self) -> dict[str, list[DependencyProvider]]:
        """Who has something to do at each stage of a worker's life."""
        return {
            stage: [
                each
                for each in self.dependencies
                if getattr(type(each), stage) is not getattr(DependencyProvider, stage)
            ]
            for stage in STAGES
        }

    def _run_worker(
        self, worker_ctx: WorkerContext, handle_result: Callable[..., Any] | None
    ) -> None:
        service = worker_ctx.service
        for provider in self.dependencies:
            setattr(service, provider.attr_name, provider.get_dependency(worker_ctx))
        self._worker_setup(worker_ctx)
        result, exc_info = self.handle(worker_ctx)
        if handle_result is not None:
            result, exc_info = handle_result(worker_ctx, result, exc_info)
        self._worker_result(worker_ctx, result, exc_info)
        self._worker_teardown(worker_ctx)

    def _worker_setup(self, worker_ctx: WorkerContext) -> None:
        for provider in self.stages["worker_setup"]:
            provider.worker_setup(worker_ctx)

    def _worker_result(
        self, worker_ctx: WorkerContext, result: Any, exc_info: Any
    ) -> None:
        for provider in self.stages["worker_result"]:
            provider.worker_result(worker_ctx, result, exc_info)

    def _worker_teardown(self, worker_ctx: WorkerContext) -> None:
        for provider in self.stages["worker_teardown"]:
            provider.worker_teardown(worker_ctx)

    def handle(self, worker_ctx: WorkerContext) -> tuple[Any, Any]:
        entrypoint = worker_ctx.entrypoint
        method = getattr(worker_ctx.service, entrypoint.method_name)
        try:
            return method(*worker_ctx.args, **worker_ctx.kwargs), None
        except Exception as trouble:
            if not isinstance(trouble, entrypoint.expected_exceptions):
                log.exception("%s failed", worker_ctx.call_id)
            return None, sys.exc_info()

    def stop(self) -> None:
        if self._died.ready() or self._being_killed:
            super().stop()
            return
        if self.started:
            # What is stopped while it starts would wait for ever for what it lacks.
            with eventlet.Timeout(START_SECONDS, False):
                self.opened.wait()
        for provider in self.dependencies:
            if hasattr(provider, "leave"):
                provider.leave()
        end = monotonic() + DRAIN_SECONDS - STOP_SECONDS
        with eventlet.Timeout(DRAIN_SECONDS - 2 * STOP_SECONDS, False):
            self.entrypoints.all.stop()
            self._worker_pool.waitall()
        self._kill_worker_threads()
        for extensions in (self.dependencies, self.subextensions):
            with eventlet.Timeout(max(STOP_SECONDS, end - monotonic()), False):
                extensions.all.stop()
        self._kill_managed_threads()
        self.started = False
        if not self._died.ready():
            self._died.send(None)
