"""The ops page's process: it looks at everything, and may change nothing in Consul."""

import os
import sys
from collections.abc import Mapping

from ops.stack.child import Command
from ops.stack.settings import ROOT, Settings

NAME = "console"
# No database's and no broker's password: what it shows needs neither.
TOLD = (
    "CONSUL_URI",
    "CONSUL_TOKEN",
    "RABBITMQ_MANAGEMENT_URI",
    "CONSOLE_ADDRESS",
    "ENVIRONMENT",
    "REGION",
    "SHOPNOW_RUN_DIR",
)


def command(settings: Settings, variables: Mapping[str, str]) -> Command:
    own = {name: variables[name] for name in TOLD if name in variables}
    rest = {name: os.environ[name] for name in os.environ.keys() - variables}
    return Command(
        name=NAME,
        argv=[sys.executable, "-m", "ops", NAME],
        log=settings.run_dir / f"log/{NAME}.log",
        cwd=ROOT,
        environment={**rest, **own, "PYTHONUNBUFFERED": "1"},
        port=settings.ports[NAME],
    )
