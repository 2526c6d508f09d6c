"""Local stacks for the tests alone: on free ports, in a place of their own."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from ops.stack import ending
from ops.stack.child import find
from ops.stack.plan import Plan
from ops.stack.ports import trouble_with
from ops.stack.services import SERVICES
from ops.stack.settings import GIVABLE, ROOT, Settings
from ops.stack.state import State

MEMORY = Path("/dev/shm")  # noqa: S108  # nosec B108
# Three stacks side by side, and room to spare.
ENOUGH_BYTES = 8 * 1024**3


def roomy() -> Path:
    """In memory where there is enough: the disk is not what these tests are about."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
        return MEMORY / f"shopnow-test-{os.getuid()}"
    return ROOT / ".run/test"


PLACE = roomy()
# Below the ports that the kernel gives to clients; every eighth for one of the suites
# that run side by side.
PORTS = range(20_000 + int(os.environ.get("TEST_SIDE", "0")), 32_000, 8)


class PrivateStack:
    """A run directory and the commands on it.  What runs in it is asked for."""

    def __init__(self, run_dir: Path, **changes: str) -> None:
        names = Settings.load({}).ports
        ports = zip(names, free_ports(), strict=False)
        mine = {f"{name}_PORT".upper(): str(port) for name, port in ports}
        mine |= {
            "SHOPNOW_RUN_DIR": str(run_dir),
            "GATEWAY_PROCESSES": os.environ.get("GATEWAY_PROCESSES", "2"),
            "CONSOLE": os.environ.get("CONSOLE", "on"),
            "PROMETHEUS": "off",
        }
        ours = {*GIVABLE, "TLS"}
        outside = {k: v for k, v in os.environ.items() if k not in ours}
        self.environ = outside | mine | changes
        self.settings = Settings.load(self.environ)
        self.run_dir = self.settings.run_dir

    def spawn(self, *words: str, **changes: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "ops", *words],
            cwd=ROOT,
            env=self.environ | changes,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def shopnow(self, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; its ``stdout`` has all that it said."""
        with self.spawn(*words, **changes) as process:
            said, _ = process.communicate()
        return subprocess.CompletedProcess(words, process.returncode, said)

    def start(self, *parts: str, **changes: str) -> None:
        done = self.shopnow("stack", "start", *parts, **changes)
        assert done.returncode == 0, done.stdout

    def wipe(self) -> None:
        ending.wipe(self.run_dir)

    @property
    def url(self) -> str:
        return self.settings.gateway_url

    @property
    def plan(self) -> Plan:
        return Plan(self.settings)

    @property
    def operator(self) -> dict[str, str]:
        """What `.run/env` tells the operator."""
        return self.plan.variables

    def environment(self, service: str) -> dict[str, str]:
        """What the processes of ``service`` are told."""
        return self.plan.environment(next(s for s in SERVICES if s.name == service))

    @property
    def demo_accounts(self) -> list[dict[str, Any]]:
        accounts: list[dict[str, Any]] = json.loads(
            (self.run_dir / "demo-accounts.json").read_text()
        )
        return accounts

    @property
    def state(self) -> State:
        return State.read(self.run_dir)

    def pid(self, name: str) -> int:
        """Of the process that ``make status`` shows under ``name``."""
        written = [*self.state.servers, *self.state.services]
        return next(int(each["pid"]) for each in written if each["name"] == name)

    def living(self) -> list[str]:
        return [child.name for group in self.state.left_over() for child in group]


def free_ports() -> Iterator[int]:
    """As many as are wanted, all different."""
    for port in random.sample(PORTS, len(PORTS)):
        if not trouble_with("127.0.0.1", port):
            yield port


def own_place() -> Path:
    """A run directory that says whose it is, for `sweep`."""
    me = psutil.Process()
    return PLACE / f"{me.pid}-{me.create_time():.0f}"


def sweep() -> None:
    """Remove what test runs that were killed have left."""
    for place in PLACE.glob("*-*"):
        # What comes after a dot tells the stacks of one run apart.
        pid, created = place.name.split(".")[0].split("-")
        if find(int(pid), float(created)) is None:
            ending.wipe(place)
