"""Tells Consul of this process, from its start to its SIGTERM.

Its check is honest: it passes only while the broker answers, its own RPC queue
is consumed, the ``server`` of every dependency with a ``ping`` (its database)
answers, and the event loop comes round in time.
"""

import logging
from collections.abc import Callable
from http import HTTPStatus
from time import monotonic

import eventlet
from eventlet.semaphore import Semaphore
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider
from nameko.rpc import RPC_QUEUE_TEMPLATE, Rpc

from common import json
from common.discovery.agent import client
from common.discovery.condition import STARTING, Condition
from common.discovery.directory import CRITICAL, DIRECTORY, PASSING
from common.discovery.entry import Entry
from common.discovery.probes import BrokerProbe, troubles
from common.internal import PAGES, InternalPort, Page
from common.loop_lag import LOOP_LAG

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
# Nobody asks a process that is ill, so it looks more often whether it still is.
ILL_SECONDS = 0.5
JSON = "application/json"


class Registration(DependencyProvider):
    """``condition`` is how this process is; `states` are those of the others."""

    seen_at = -BEAT_SECONDS
    is_heard = True

    def setup(self) -> None:
        self.condition = Condition()
        self.looking = Semaphore()
        self.broker = BrokerProbe(self.rpc_queue())
        self.entry = Entry(self.container.service_name)
        PAGES["/healthz"], PAGES["/readyz"] = alive, self.readyz

    def rpc_queue(self) -> str | None:
        has_rpc = any(isinstance(e, Rpc) for e in self.container.entrypoints)
        return (
            RPC_QUEUE_TEMPLATE.format(self.container.service_name) if has_rpc else None
        )

    def start(self) -> None:
        # Known only now that everybody is set up.
        for dependency in self.container.dependencies:
            if isinstance(dependency, InternalPort):
                self.entry.host = dependency.host
                self.entry.metrics_port = dependency.port
        spawn = self.container.spawn_managed_thread
        spawn(LOOP_LAG.run)
        spawn(lambda: DIRECTORY.run(client()))
        self.beating = spawn(self.run)

    def leave(self) -> None:
        """Be found no more, before the work ends."""
        self.beating.kill()
        self.entry.remove()

    def stop(self) -> None:
        self.broker.close()

    def get_dependency(self, worker_ctx: WorkerContext) -> "Registration":
        return self

    def run(self) -> None:
        while True:
            self.beat()
            eventlet.sleep(self.pause)

    def beat(self) -> None:
        try:
            self.look()
            self.entry.tell(self.condition)
        except (Exception, eventlet.Timeout) as trouble:
            if self.is_heard:
                why = type(trouble).__name__
                log.warning("Consul did not take the heartbeat: %s", why)
            self.is_heard = False
        else:
            self.is_heard = True

    @property
    def pause(self) -> float:
        return BEAT_SECONDS if self.condition.is_well else ILL_SECONDS

    def look(self) -> None:
        """See how this process is, unless somebody has just looked."""
        with self.looking:
            if monotonic() - self.seen_at < self.pause:
                return
            if self.condition.note(self.troubles()):
                level = logging.INFO if self.condition.is_calm else logging.WARNING
                log.log(level, "health: %s", self.condition.said or "well")
            self.seen_at = monotonic()

    def troubles(self) -> dict[str, str]:
        # Others may hear our queue before we do.
        starting = {} if self.container.opened.ready() else STARTING
        return starting | troubles(self.probes(), LOOP_LAG)

    def probes(self) -> dict[str, Callable[[], None]]:
        return {"broker": self.broker.ping} | {
            dependency.server: dependency.ping
            for dependency in self.container.dependencies
            if hasattr(dependency, "ping")
        }

    def states(self) -> dict[str, str]:
        """``{service: state}``, of Consul too.  Nobody waits for Consul here."""
        heard = DIRECTORY.is_current and self.entry.told
        return DIRECTORY.known | {"consul": PASSING if heard else CRITICAL}

    def readyz(self) -> Page:
        """Whether this process can do its work, and if not, why."""
        self.look()
        well = self.condition.is_well
        body = {
            "status": "ready" if well else "not_ready",
            "troubles": self.condition.troubles,
        }
        status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
        return Page(json.dumps(body), JSON, status)


def alive() -> Page:
    return Page(json.dumps({"status": "alive"}), JSON)
