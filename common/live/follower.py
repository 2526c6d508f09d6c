"""A dependency that takes settings over while it works."""

from typing import Any

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from common.live.watcher import Watcher


class Live(DependencyProvider):
    """Hears of each key in ``folder`` that comes, changes or goes."""

    folder: str
    watcher = Watcher()

    def setup(self) -> None:
        self.watcher.follow(self.folder, self.change)

    def get_dependency(self, worker_ctx: WorkerContext) -> Any:
        return self

    def change(self, name: str, value: Any) -> None:
        """Take over ``value``, None for a key that is gone; raises ``ValueError``."""
        raise NotImplementedError
