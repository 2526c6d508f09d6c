"""A process's entry in Consul: who it is, and what it says of itself."""

import os
import socket
from importlib.metadata import version

import consul
import eventlet
from nameko import config

from common.clock import utc_now
from common.discovery.agent import client, own_address, quietly
from common.discovery.condition import Condition
from common.discovery.probes import PROBE_SECONDS

# Many heartbeats: a busy machine is not to be taken for a dead process.
TTL = "15s"
FORGET_AFTER = "1m"
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104  # nosec B104
STARTED = utc_now().isoformat(timespec="seconds")


class Forgotten(Exception):
    """Consul knows nothing of this process."""


class Entry:
    """``told`` is whether Consul has taken what it was told last.

    ``host`` and ``metrics_port`` are where the process tells its metrics, if it does.
    """

    host = ""
    metrics_port: int | None = None

    def __init__(self, name: str) -> None:
        self.name = name
        self.id = f"{name}-{socket.gethostname()}-{os.getpid()}"
        self.agent = client().agent
        self.told = False

    def tell(self, condition: Condition) -> None:
        try:
            with eventlet.Timeout(PROBE_SECONDS):
                if not self.told:
                    self.register(condition)
                self.report(condition)
            self.told = True
        except BaseException:
            # It may know nothing of us any more.
            self.told = False
            raise

    def register(self, condition: Condition) -> None:
        # Consul takes those for ill of whom it is not told otherwise.
        status = "passing" if condition.is_well else "critical"
        self.agent.service.register(
            self.name,
            service_id=self.id,
            address=own_address() if self.host in EVERYWHERE else self.host,
            tags=["nameko", f"v{version('shopnow')}"],
            meta=self.about(),
            check=consul.Check.ttl(TTL)
            | {"DeregisterCriticalServiceAfter": FORGET_AFTER, "Status": status},
        )

    def report(self, condition: Condition) -> None:
        check, name = self.agent.check, f"service:{self.id}"
        if condition.is_well:
            known = check.ttl_pass(name, notes="broker and stores answer")
        else:
            known = check.ttl_fail(name, notes=condition.said)
        # An older Consul answers 500 here, which py-consul raises by itself.
        if not known:
            raise Forgotten

    def about(self) -> dict[str, str]:
        port = {"metrics_port": str(self.metrics_port)} if self.metrics_port else {}
        return port | {
            "version": version("shopnow"),
            "region": config.get("REGION") or "local",
            "started": STARTED,
            "pid": str(os.getpid()),
        }

    def remove(self) -> None:
        with quietly("could not deregister"), eventlet.Timeout(PROBE_SECONDS):
            self.agent.service.deregister(self.id)
