"""The settings that concern every process, whatever its service."""

import logging
from typing import Any

from nameko import config
from nameko.extensions import DependencyProvider

from common import chaos
from common.live.watcher import Watcher
from common.resilience.guards import change_guard

DEADLINE = "RPC_DEADLINE"


class LiveSettings(DependencyProvider):
    """Log levels, guards, the patience with other services, and faults on purpose."""

    watcher = Watcher()

    def setup(self) -> None:
        self.levels: dict[str, int] = {}
        self.configured = config.get(DEADLINE)
        name = self.container.service_name
        self.watcher.follow("log-levels/", self.change_level)
        self.watcher.follow("resilience/", change_guard)
        self.watcher.follow(f"deadlines/rpc/{name}", self.change_deadline)
        self.watcher.follow("chaos/", chaos.change)

    def change_level(self, name: str, value: Any) -> None:
        logger = logging.getLogger(None if name == "root" else name)
        configured = self.levels.setdefault(name, logger.level)
        logger.setLevel(configured if value is None else value)

    def change_deadline(self, name: str, value: Any) -> None:
        if value is not None or self.configured is not None:
            config[DEADLINE] = self.configured if value is None else value
        else:
            config.pop(DEADLINE, None)
